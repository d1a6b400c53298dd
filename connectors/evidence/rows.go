package evidence

import (
	"hash"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onecard/card"
)

// file is an exchanged file as the pack tells it.
type file struct {
	Name       string     `json:"name"`
	Kind       string     `json:"kind"`
	Direction  string     `json:"direction"`
	Stage      string     `json:"stage"`
	Rows       int        `json:"rows"`
	Size       int64      `json:"size"`
	TotalFen   int64      `json:"total_fen"`
	SM3        string     `json:"sm3"`
	Confirmed  *time.Time `json:"confirmed_at"`
	ReplacedBy string     `json:"replaced_by"`
}

// moneyFile is a file that carried payments, and what its rows come to.
type moneyFile struct {
	file
	number uint16
	rows   sum
}

func (v *verifier) readFiles() {
	c := v.check(checkFiles)
	v.out, v.files = map[string]*moneyFile{}, map[string]file{}
	lines(v, c, entryFiles, func(f file) {
		if _, twice := v.files[f.Name]; twice {
			c.wrong("文件重复列出 listed twice: %s", f.Name)
		}
		v.files[f.Name] = f
		if f.Kind != string(card.PayReq) || f.Direction != "out" || f.Stage == "withdrawn" {
			return
		}
		v.names = append(v.names, f.Name)
		v.out[f.Name] = &moneyFile{file: f, number: uint16(len(v.names))} //nolint:gosec // entries are limited
	})
}

// rowSums is what the rows come to.
type rowSums struct {
	total, sent sum
	batches     map[int]sum
	banks       map[string]map[string]sum // by bank and status
	states      map[string]sum            // by status
	hashes      map[int]hash.Hash
	seen        []uint64 // a bit a row
	carrier     []uint16 // the number of the file that carried each row
}

// readRows goes through the payments once.
func (v *verifier) readRows() {
	c := v.check(checkInstructions)
	v.rows = rowSums{batches: map[int]sum{}, banks: map[string]map[string]sum{}, states: map[string]sum{}, hashes: map[int]hash.Hash{}}
	last := row{}
	lines(v, c, entryRows, func(r row) {
		if r.Batch < last.Batch || r.Batch == last.Batch && r.Row <= last.Row {
			c.wrong("第%d行次序不对 row %d is out of order", r.Row, r.Row)
		}
		last = r
		if v.rows.hashes[r.Batch] == nil {
			v.rows.hashes[r.Batch] = sm3.New()
		}
		if r.write(v.rows.hashes[r.Batch]) != nil {
			v.check(checkContent).wrong("第%d行不可读 row %d cannot be read", r.Row, r.Row)
			return
		}
		v.rows.add(r)
		if !v.rows.mark(r.Row) {
			c.wrong("第%d行出现两次 row %d stands twice", r.Row, r.Row)
		}
		v.judgeRow(c, r)
	})
	c.Figure = v.rows.sent.String()
	v.judgeExceptions()
}

func (s *rowSums) add(r row) {
	one := sum{1, r.Fen}
	if s.banks[r.Bank] == nil {
		s.banks[r.Bank] = map[string]sum{}
	}
	for _, to := range []struct {
		sums map[string]sum
		key  string
	}{{s.banks[r.Bank], r.Status}, {s.states, r.Status}} {
		old := to.sums[to.key]
		old.add(one)
		to.sums[to.key] = old
	}
	planned := s.batches[r.Batch]
	planned.add(one)
	s.batches[r.Batch] = planned
	s.total.add(one)
}

// mark notes a row and says whether it is the first time.
func (s *rowSums) mark(row int) bool {
	for len(s.seen) <= row/64 {
		s.seen = append(s.seen, make([]uint64, max(1024, len(s.seen)/2))...)
	}
	bit := uint64(1) << (row % 64)
	fresh := s.seen[row/64]&bit == 0
	s.seen[row/64] |= bit
	return fresh
}

func (s *rowSums) carriedBy(row int, file uint16) {
	for len(s.carrier) <= row {
		s.carrier = append(s.carrier, make([]uint16, max(1024, len(s.carrier)/2))...)
	}
	s.carrier[row] = file
}

// sentStates are the states of payments that have left the hub.
var sentStates = map[string]bool{
	card.PayReleased.Name().Code: true, card.PayUnknown.Name().Code: true, card.PayPaid.Name().Code: true, card.PayReturned.Name().Code: true,
}

// judgeRow holds a payment's way against its state: what was sent has its instruction and its file, what was not has none.
func (v *verifier) judgeRow(c *Check, r row) {
	if !sentStates[r.Status] {
		if r.Out != "" || r.Order != "" {
			c.wrong("第%d行未发送却有指令 row %d was not sent and has an instruction", r.Row, r.Row)
		}
		return
	}
	v.rows.sent.add(sum{1, r.Fen})
	f := v.out[r.Out]
	if f == nil {
		c.wrong("第%d行的付款文件未列出 the money file of row %d is not listed", r.Row, r.Row)
		return
	}
	f.rows.add(sum{1, r.Fen})
	v.rows.carriedBy(r.Row, f.number)
	parts, err := card.ParseInstruction(r.Order)
	if err != nil || parts.Rollout != v.rollout.ID || parts.Row != r.Row || parts.Version != r.Version {
		c.wrong("第%d行的指令号不是它的 row %d has another's instruction", r.Row, r.Row)
	}
	answer, listed := v.files[r.In]
	settled := r.Status == card.PayPaid.Name().Code || r.Status == card.PayReturned.Name().Code
	if settled && (!listed || answer.Direction != "in") {
		v.check(checkFiles).wrong("第%d行的回盘文件未列出 the answer about row %d is not listed", r.Row, r.Row)
	}
}

// judgeExceptions makes sure that what is not paid is listed, all of it and with its reason.
func (v *verifier) judgeExceptions() {
	c := v.check(checkExceptions)
	listed := map[string]sum{}
	lines(v, c, entryExceptions, func(r row) {
		s := listed[r.Status]
		s.add(sum{1, r.Fen})
		listed[r.Status] = s
		explained := r.Reason != "" || r.Status == card.PayPlanned.Name().Code || r.Status == card.PayReleased.Name().Code
		if !explained {
			c.wrong("第%d行没有原因 row %d has no reason", r.Row, r.Row)
		}
	})
	var all sum
	for status, s := range v.rows.states {
		if status == card.PayPaid.Name().Code {
			continue
		}
		all.add(s)
		if listed[status] != s {
			c.wrong("%s：应有%v，列出%v %s: not all are listed", status, s, listed[status], status)
		}
		delete(listed, status)
	}
	for status := range listed {
		c.wrong("%s：列出了不是例外的行 %s: what is listed is no exception", status, status)
	}
	c.Figure = all.String()
}
