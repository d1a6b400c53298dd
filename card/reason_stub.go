package card

var identityTexts, rowTexts, partnerTexts, fileTexts, decisionTexts map[Reason]Text
