package card

// CheckPayee returns every reason against the normalised number and name of somebody who is to be paid, or nil. A roster of
// payments need not tell the document: with an empty t the number is held to the document that it looks like, and that is an
// identity card when it looks like none.
func CheckPayee(t DocType, number, name string) []Reason {
	if t == "" {
		t = documentOf(number)
	}
	var found findings
	found.document(&Person{DocType: t, SSN: number})
	found.name(name)
	found.when(!plain(number), ReasonFieldCharacters)
	return found
}

// documentOf tells the document by the shape of its number.
func documentOf(number string) DocType {
	switch {
	case number == "":
		return DocResidentID
	case foreignPRShape(number):
		return DocForeignPR
	case permitShape(number, 'H'):
		return DocHKPermit
	case permitShape(number, 'M'):
		return DocMacaoPermit
	case documentShapes[DocTaiwanPermit](number):
		return DocTaiwanPermit
	case hmtArea(number):
		return DocHMTResidence
	}
	return DocResidentID
}
