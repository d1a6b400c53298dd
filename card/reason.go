package card

import (
	"fmt"
	"maps"
	"slices"
)

// Reason is a stable code that says why a row, a file or a decision was refused, such as ID_CHECK_DIGIT. It is stored,
// sent and counted; what people read is its Text.
type Reason string

// Text is what people read about a Reason: what is the matter, and what to do next, in Chinese and in English.
type Text struct {
	ZH, EN         string
	MendZH, MendEN string
}

// Text returns the words for r. A code that this version does not know gets words that say so.
func (r Reason) Text() Text {
	for _, texts := range []map[Reason]Text{identityTexts, rowTexts, partnerTexts, paymentTexts, subsidyTexts, reviewTexts, fileTexts, exchangeTexts, decisionTexts, onboardTexts} {
		if t, ok := texts[r]; ok {
			return t
		}
	}
	return Text{
		ZH:     fmt.Sprintf("原因代码 %s 尚未登记说明。", string(r)),
		EN:     fmt.Sprintf("There is no explanation yet for the reason code %s.", string(r)),
		MendZH: "请把此代码告知系统运维人员。",
		MendEN: "Please pass this code on to the operators.",
	}
}

// Reasons returns every reason, sorted by code.
func Reasons() []Reason {
	var all []Reason
	for _, texts := range []map[Reason]Text{identityTexts, rowTexts, partnerTexts, paymentTexts, subsidyTexts, reviewTexts, fileTexts, exchangeTexts, decisionTexts, onboardTexts} {
		all = slices.AppendSeq(all, maps.Keys(texts))
	}
	slices.Sort(all)
	return all
}

// Reasons about the identity document and the person of a row.
const (
	ReasonIDMissing         Reason = "ID_MISSING"
	ReasonIDLength          Reason = "ID_LENGTH"
	ReasonIDCharacters      Reason = "ID_CHARACTERS"
	ReasonIDBirthDate       Reason = "ID_BIRTH_DATE"
	ReasonIDCheckDigit      Reason = "ID_CHECK_DIGIT"
	ReasonIDSexDiffers      Reason = "ID_SEX_DIFFERS"
	ReasonIDBirthDiffers    Reason = "ID_BIRTH_DIFFERS"
	ReasonIDAreaNotHMT      Reason = "ID_AREA_NOT_HMT"
	ReasonDocTypeUnknown    Reason = "DOC_TYPE_UNKNOWN"
	ReasonDocShape          Reason = "DOC_SHAPE"
	ReasonNameMissing       Reason = "NAME_MISSING"
	ReasonNameTooLong       Reason = "NAME_TOO_LONG"
	ReasonNameCharacters    Reason = "NAME_CHARACTERS"
	ReasonNameUnencodable   Reason = "NAME_UNENCODABLE"
	ReasonSexUnknown        Reason = "SEX_UNKNOWN"
	ReasonEthnicUnknown     Reason = "ETHNIC_UNKNOWN"
	ReasonBirthDate         Reason = "BIRTH_DATE"
	ReasonMatchUnknown      Reason = "MATCH_UNKNOWN_PERSON"
	ReasonMatchNameDiffers  Reason = "MATCH_NAME_DIFFERS"
	ReasonMatchDeceased     Reason = "MATCH_DECEASED"
	ReasonHasCard           Reason = "HAS_CARD"
	ReasonCardInProgress    Reason = "CARD_IN_PROGRESS"
	ReasonDuplicateInFile   Reason = "DUPLICATE_IN_FILE"
	ReasonNumberAsFloat     Reason = "NUMBER_AS_FLOAT"
	ReasonFormulaInCell     Reason = "FORMULA_IN_CELL"
	ReasonMergedCell        Reason = "MERGED_CELL"
	ReasonCellTooLong       Reason = "CELL_TOO_LONG"
	ReasonPhone             Reason = "PHONE"
	ReasonAddressMissing    Reason = "ADDRESS_MISSING"
	ReasonAddressTooLong    Reason = "ADDRESS_TOO_LONG"
	ReasonPostcode          Reason = "POSTCODE"
	ReasonFieldCharacters   Reason = "FIELD_CHARACTERS"
	ReasonFieldTooLong      Reason = "FIELD_TOO_LONG"
	ReasonCityUnknown       Reason = "CITY_UNKNOWN"
	ReasonCityNotInRollout  Reason = "CITY_NOT_IN_ROLLOUT"
	ReasonBankUnknown       Reason = "BANK_UNKNOWN"
	ReasonBankNotServing    Reason = "BANK_NOT_SERVING"
	ReasonModeUnknown       Reason = "MODE_UNKNOWN"
	ReasonOutletMissing     Reason = "OUTLET_MISSING"
	ReasonOutletShape       Reason = "OUTLET_SHAPE"
	ReasonEmployerMissing   Reason = "EMPLOYER_MISSING"
	ReasonAccountRefusedE01 Reason = "ACCOUNT_REFUSED_E01"
	ReasonAccountRefusedE02 Reason = "ACCOUNT_REFUSED_E02"
	ReasonAccountRefusedE03 Reason = "ACCOUNT_REFUSED_E03"
	ReasonAccountRefusedE04 Reason = "ACCOUNT_REFUSED_E04"
	ReasonAccountRefusedE09 Reason = "ACCOUNT_REFUSED_E09"
	ReasonMakeFailedM01     Reason = "MAKE_FAILED_M01"
	ReasonMakeFailedM02     Reason = "MAKE_FAILED_M02"
	ReasonMakeFailedM03     Reason = "MAKE_FAILED_M03"
	ReasonMakeFailedM09     Reason = "MAKE_FAILED_M09"
	ReasonActivateA01       Reason = "ACTIVATE_A01"
	ReasonActivateA09       Reason = "ACTIVATE_A09"
	ReasonReturned          Reason = "RETURNED_UNDELIVERABLE"
	ReasonNoAnswer          Reason = "NO_ANSWER"
	ReasonAnswerRefused     Reason = "ANSWER_REFUSED"
	ReasonNeverReceived     Reason = "NEVER_RECEIVED"
	ReasonCancelled         Reason = "CANCELLED"
)

// Reasons why a payment comes back (退票), normalised over all banks: own convention (domain page, 9.2). Whose business it is to
// set them right is told by Owners.
const (
	ReasonPayNameDiffers  Reason = "NAME_MISMATCH"
	ReasonPayIDExpired    Reason = "ID_EXPIRED"
	ReasonPayNoAccount    Reason = "ACCT_NOT_FOUND"
	ReasonPayClosed       Reason = "ACCT_CLOSED"
	ReasonPayFrozen       Reason = "ACCT_FROZEN"
	ReasonPayDormant      Reason = "ACCT_DORMANT"
	ReasonPayTypeLimit    Reason = "TYPE_LIMIT"
	ReasonPayNotActivated Reason = "NOT_ACTIVATED"
	ReasonPayDuplicate    Reason = "DUPLICATE"
	ReasonPayAmount       Reason = "AMOUNT_ERR"
	ReasonPayTimeout      Reason = "BANK_TIMEOUT" // no outcome: the payment may have been made
)

// Reasons why a bank does not carry out an order on a payer's account, and why it does not tell an account's state.
const (
	ReasonFundsF01 Reason = "FUNDS_F01"
	ReasonFundsF02 Reason = "FUNDS_F02"
	ReasonFundsF03 Reason = "FUNDS_F03"
	ReasonFundsF09 Reason = "FUNDS_F09"
	ReasonStateQ01 Reason = "ACCOUNT_STATE_Q01"
	ReasonStateQ02 Reason = "ACCOUNT_STATE_Q02"
	ReasonStateQ09 Reason = "ACCOUNT_STATE_Q09"
)

// Reasons why a whole file, a workbook or a partner's text file, is refused; nothing of it is applied.
const (
	ReasonFileNotWorkbook Reason = "FILE_NOT_WORKBOOK"
	ReasonFileXLS         Reason = "FILE_XLS"
	ReasonFileBomb        Reason = "FILE_BOMB"
	ReasonFileZipPath     Reason = "FILE_ZIP_PATH"
	ReasonFileTooLarge    Reason = "FILE_TOO_LARGE"
	ReasonFileHeadings    Reason = "FILE_HEADINGS"
	ReasonFileEmpty       Reason = "FILE_EMPTY"
	ReasonFileEncoding    Reason = "FILE_ENCODING"
	ReasonFileMerged      Reason = "FILE_MERGED"
	ReasonFileTooManyRows Reason = "FILE_TOO_MANY_ROWS"
	ReasonFileName        Reason = "FILE_NAME"
	ReasonFileManifest    Reason = "FILE_MANIFEST"
	ReasonFileSignature   Reason = "FILE_SIGNATURE"
	ReasonFileDigest      Reason = "FILE_DIGEST"
	ReasonFileSize        Reason = "FILE_SIZE"
	ReasonFileRows        Reason = "FILE_ROWS"
	ReasonFileTotal       Reason = "FILE_TOTAL"
	ReasonFileLayout      Reason = "FILE_LAYOUT"
	ReasonFileSequence    Reason = "FILE_SEQUENCE"
	ReasonFileRepeatedRow Reason = "FILE_REPEATED_ROW"
	ReasonFileUnknownRow  Reason = "FILE_UNKNOWN_ROW"
	ReasonFileLineLength  Reason = "FILE_LINE_LENGTH"
	ReasonFileUnreadable  Reason = "FILE_UNREADABLE"
)

// Reasons about an exchanged file among the others, whatever stands in it, and about what people decide of it.
const (
	ReasonFileSequenceGap      Reason = "FILE_SEQUENCE_GAP"
	ReasonFileSequenceRepeated Reason = "FILE_SEQUENCE_REPEATED"
	ReasonFileRepeatedContent  Reason = "FILE_REPEATED_CONTENT"
	ReasonFileLate             Reason = "FILE_LATE"
	ReasonFileDate             Reason = "FILE_DATE"
	ReasonFileAnswered         Reason = "FILE_ANSWERED"
	ReasonFileNoManifest       Reason = "FILE_NO_MANIFEST"
	ReasonFileNoData           Reason = "FILE_NO_DATA"
	ReasonFileOtherCard        Reason = "FILE_OTHER_CARD"
	ReasonFileOtherPerson      Reason = "FILE_OTHER_PERSON"
	ReasonFileUsedAccount      Reason = "FILE_USED_ACCOUNT"
	ReasonFileUnknownDispatch  Reason = "FILE_UNKNOWN_DISPATCH"
	ReasonFileUnexpected       Reason = "FILE_UNEXPECTED"
	ReasonFileHeld             Reason = "FILE_HELD"
	ReasonFileImplausible      Reason = "FILE_IMPLAUSIBLE"
	ReasonFileWithdrawn        Reason = "FILE_WITHDRAWN"
	ReasonFileRefusedThere     Reason = "FILE_REFUSED_THERE"
	ReasonFileVanished         Reason = "FILE_VANISHED"
	ReasonFileArchive          Reason = "FILE_ARCHIVE"
	ReasonNoSuchFile           Reason = "NO_SUCH_FILE"
	ReasonFileApplied          Reason = "FILE_APPLIED"
	ReasonFileStructural       Reason = "FILE_STRUCTURAL"
	ReasonFileOutcomeUnknown   Reason = "FILE_OUTCOME_UNKNOWN"
	ReasonSecondPerson         Reason = "SECOND_PERSON"
	ReasonFileChanged          Reason = "FILE_CHANGED"
)

// Reasons why the hub does not do what somebody asked of it, or stops by itself.
const (
	ReasonSamePerson         Reason = "SAME_PERSON"
	ReasonHashDiffers        Reason = "HASH_DIFFERS"
	ReasonNotSubmitted       Reason = "NOT_SUBMITTED"
	ReasonNotApproved        Reason = "NOT_APPROVED"
	ReasonWrongState         Reason = "WRONG_STATE"
	ReasonNoSuchRollout      Reason = "NO_SUCH_ROLLOUT"
	ReasonNoSuchCard         Reason = "NO_SUCH_CARD"
	ReasonRangeOverlaps      Reason = "RANGE_OVERLAPS"
	ReasonDiskFull           Reason = "DISK_FULL"
	ReasonNoNumbersLeft      Reason = "NO_NUMBERS_LEFT"
	ReasonInvariantBreach    Reason = "INVARIANT_BREACH"
	ReasonUserUnknown        Reason = "USER_UNKNOWN"
	ReasonCanaryFailed       Reason = "CANARY_FAILED"
	ReasonPartnerUnknown     Reason = "PARTNER_UNKNOWN"
	ReasonPartnerUnreachable Reason = "PARTNER_UNREACHABLE"
	ReasonHostKeyDiffers     Reason = "HOST_KEY_DIFFERS"
	ReasonHostKeyUnconfirmed Reason = "HOST_KEY_UNCONFIRMED"
	ReasonPartnerExists      Reason = "PARTNER_EXISTS"
	ReasonPartnerNotLive     Reason = "PARTNER_NOT_LIVE"
	ReasonPartnerUntested    Reason = "PARTNER_UNTESTED"
	ReasonPartnerFailed      Reason = "PARTNER_TEST_FAILED"
	ReasonPartnerStale       Reason = "PARTNER_REPORT_STALE"
	ReasonPartnerNotAsked    Reason = "PARTNER_NOT_ASKED"
	ReasonSettingsWrong      Reason = "SETTINGS_WRONG"
	ReasonFormatWrong        Reason = "FORMAT_WRONG"
	ReasonFormatUnknown      Reason = "FORMAT_UNKNOWN"
	ReasonRolloutPaused      Reason = "ROLLOUT_PAUSED"
	ReasonLedgerUnreachable  Reason = "LEDGER_UNREACHABLE"
	ReasonLedgerFault        Reason = "LEDGER_FAULT"
	ReasonConstraintHeld     Reason = "CONSTRAINT_HELD"
	ReasonTemporalDown       Reason = "TEMPORAL_UNREACHABLE"
	ReasonDecisionPending    Reason = "DECISION_PENDING"

	// Subsidy rollouts and their rows.
	ReasonAmountShape       Reason = "AMOUNT_SHAPE"
	ReasonAmountNotFixed    Reason = "AMOUNT_NOT_FIXED"
	ReasonAmountOverLimit   Reason = "AMOUNT_OVER_LIMIT"
	ReasonPeriodShape       Reason = "PERIOD_SHAPE"
	ReasonProgrammeShape    Reason = "PROGRAMME_SHAPE"
	ReasonProgrammeUnknown  Reason = "PROGRAMME_UNKNOWN"
	ReasonTotalsDiffer      Reason = "CONTROL_TOTALS_DIFFER"
	ReasonNoCard            Reason = "NO_LIVE_CARD"
	ReasonNotRegistered     Reason = "NAME_NOT_OF_CARD"
	ReasonAccountNotPayable Reason = "ACCOUNT_NOT_PAYABLE"
	ReasonAlreadyPaid       Reason = "ALREADY_IN_PERIOD"
	ReasonConflicting       Reason = "PROGRAMME_CONFLICT"
	ReasonObjection         Reason = "OBJECTION"
	ReasonNoticeRunning     Reason = "NOTICE_RUNNING"
	ReasonCutOff            Reason = "CUT_OFF"
	ReasonChecksRunning     Reason = "CHECKS_RUNNING"
	ReasonApprovalForged    Reason = "APPROVAL_NOT_SIGNED"
	ReasonKeyRevoked        Reason = "KEY_REVOKED"
	ReasonRoleMissing       Reason = "ROLE_NOT_HELD"
	ReasonFundsShort        Reason = "FUNDS_SHORT"
	ReasonWrongAmount       Reason = "ANSWER_AMOUNT_DIFFERS"
	ReasonEvidenceShape     Reason = "EVIDENCE_SHAPE"
	ReasonEvidenceWrong     Reason = "EVIDENCE_WRONG"
	ReasonPaymentState      Reason = "PAYMENT_STATE"
	ReasonPathUnusable      Reason = "PATH_UNUSABLE"
	ReasonNoPayment         Reason = "NO_SUCH_PAYMENT"
	ReasonSampleShape       Reason = "SAMPLE_SHAPE"
	ReasonSampleResults     Reason = "SAMPLE_RESULTS"
	ReasonCardEvent         Reason = "CARD_EVENT"
	ReasonPayeeDied         Reason = "PAYEE_DIED"
	ReasonNotRehearsable    Reason = "NOT_REHEARSABLE"
	ReasonRehearsalRunning  Reason = "REHEARSAL_RUNNING"
	ReasonFaultsWrong       Reason = "FAULTS_WRONG"

	// The population match and its reviews.
	ReasonDeathReported Reason = "DEATH_REPORTED"
	ReasonRenamed       Reason = "RENAME_REPORTED"
	ReasonUnregistered  Reason = "NOT_IN_REGISTER"
	ReasonBarred        Reason = "BARRED_BY_REVIEW"
	ReasonUnderReview   Reason = "UNDER_REVIEW"
	ReasonNoSuchReview  Reason = "NO_SUCH_REVIEW"
	ReasonReviewClosed  Reason = "REVIEW_CLOSED"
	ReasonNoSuchMatch   Reason = "NO_SUCH_MATCH"
	ReasonMonthShape    Reason = "MONTH_SHAPE"
)
