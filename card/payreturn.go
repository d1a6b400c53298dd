package card

import "slices"

// Owner is who can set right what kept a payment from its payee.
type Owner string

// The owners of a correction.
const (
	OwnerHolder     Owner = "holder"
	OwnerBank       Owner = "bank"
	OwnerDepartment Owner = "department"  // that made the roster
	OwnerCityOffice Owner = "city_office" // of the card programme in the holder's city
	OwnerCardDesk   Owner = "card_desk"   // where the holder applies for a card or changes its registration
	OwnerHub        Owner = "hub"         // nobody outside has to do anything
)

var ownerNames = map[Owner]Name{
	OwnerHolder:     {"holder", "持卡人", "holder"},
	OwnerBank:       {"bank", "银行", "bank"},
	OwnerDepartment: {"department", "发放部门", "department"},
	OwnerCityOffice: {"city_office", "市级卡管机构", "city office"},
	OwnerCardDesk:   {"card_desk", "社保卡服务窗口", "card desk"},
	OwnerHub:        {"hub", "卡管中心系统", "hub"},
}

// Owners returns all owners, those outside the programme first.
func Owners() []Owner {
	return []Owner{OwnerHolder, OwnerBank, OwnerDepartment, OwnerCityOffice, OwnerCardDesk, OwnerHub}
}

// Name returns the code and the names of o; its texts are empty when o is unknown.
func (o Owner) Name() Name { return ownerNames[o] }

// returnReasons are the causes in the order of the domain page, 9.2.
var returnReasons = []Reason{
	ReasonPayNameDiffers, ReasonPayIDExpired, ReasonPayNoAccount, ReasonPayClosed, ReasonPayFrozen, ReasonPayDormant,
	ReasonPayTypeLimit, ReasonPayNotActivated, ReasonPayDuplicate, ReasonPayAmount, ReasonPayTimeout,
}

// ReturnReasons returns the causes for which a payment comes back (退票); as texts they are the result codes of payments in
// files. BANK_TIMEOUT is among them although nothing has come back: see OutcomeOpen.
func ReturnReasons() []Reason { return slices.Clone(returnReasons) }

// OutcomeOpen says whether a row with this reason may have been paid all the same, so that it is asked about and never paid
// again before the bank has answered.
func (r Reason) OutcomeOpen() bool { return r == ReasonPayTimeout || r == ReasonNoAnswer }

// corrections is who sets a row right, by its reason: who acts first comes first.
var corrections = map[Reason][]Owner{
	ReasonPayNameDiffers:  {OwnerDepartment, OwnerHolder},
	ReasonPayIDExpired:    {OwnerHolder, OwnerDepartment},
	ReasonPayNoAccount:    {OwnerBank, OwnerHolder},
	ReasonPayClosed:       {OwnerBank, OwnerHolder},
	ReasonPayFrozen:       {OwnerBank, OwnerHolder},
	ReasonPayDormant:      {OwnerHolder, OwnerBank},
	ReasonPayTypeLimit:    {OwnerHolder, OwnerBank},
	ReasonPayNotActivated: {OwnerHolder},
	ReasonPayDuplicate:    {OwnerDepartment},
	ReasonPayAmount:       {OwnerDepartment},
	ReasonPayTimeout:      {OwnerHub},
	ReasonNoAnswer:        {OwnerHub},
	ReasonNeverReceived:   {OwnerHub},
	ReasonStateQ01:        {OwnerDepartment, OwnerHolder},
	ReasonStateQ02:        {OwnerBank, OwnerHolder},
	ReasonStateQ09:        {OwnerBank},
	ReasonMatchUnknown:    {OwnerDepartment, OwnerHolder},
	ReasonMatchNameDiffers: {
		OwnerDepartment, OwnerHolder,
	},
	ReasonMatchDeceased: {OwnerCityOffice, OwnerDepartment},

	ReasonNoCard:            {OwnerCardDesk, OwnerHolder},
	ReasonNotRegistered:     {OwnerDepartment, OwnerCardDesk},
	ReasonAccountNotPayable: {OwnerHolder, OwnerBank},
	ReasonCardEvent:         {OwnerCardDesk, OwnerHolder},
	ReasonPayeeDied:         {OwnerCityOffice, OwnerDepartment},
	ReasonDeathReported:     {OwnerCityOffice},
	ReasonRenamed:           {OwnerCityOffice, OwnerHolder},
	ReasonNameCorrected:     {OwnerHolder, OwnerBank},
	ReasonUnregistered:      {OwnerCityOffice, OwnerDepartment},
	ReasonBarred:            {OwnerCityOffice, OwnerDepartment},
	ReasonObjection:         {OwnerDepartment},
	ReasonAlreadyPaid:       {OwnerDepartment},
	ReasonConflicting:       {OwnerDepartment},
	ReasonDuplicateInFile:   {OwnerDepartment},
	ReasonRowShape:          {OwnerDepartment},
	ReasonAmountShape:       {OwnerDepartment},
	ReasonAmountNotFixed:    {OwnerDepartment},
	ReasonAmountOverLimit:   {OwnerDepartment},
	ReasonWrongAmount:       {OwnerBank, OwnerHub},
	ReasonAnswerRefused:     {OwnerBank, OwnerHub},
	ReasonIDMissing:         {OwnerDepartment},
	ReasonIDLength:          {OwnerDepartment},
	ReasonIDCharacters:      {OwnerDepartment},
	ReasonIDBirthDate:       {OwnerDepartment},
	ReasonIDCheckDigit:      {OwnerDepartment},
	ReasonNumberAsFloat:     {OwnerDepartment},
	ReasonNameMissing:       {OwnerDepartment},
	ReasonNameTooLong:       {OwnerDepartment},
	ReasonNameCharacters:    {OwnerDepartment},
	ReasonNameUnencodable:   {OwnerDepartment},
}

// Owners returns who can set right a payment row that has this reason, who acts first before the others; never empty. What
// the table does not name is the city office's, which finds out whose it is.
func (r Reason) Owners() []Owner {
	if owners, ok := corrections[r]; ok {
		return slices.Clone(owners)
	}
	return []Owner{OwnerCityOffice}
}
