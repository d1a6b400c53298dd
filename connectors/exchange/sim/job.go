package sim

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// pageRows is how many rows a desk is shown at a time when it looks rows up in the ledger.
const pageRows = 32_768

// errClosing ends a job whose partner is closing; nothing of it counts.
var errClosing = errors.New("closing")

// job deals with one request. All that it writes lies in the partner's work folder and counts for nothing before commit.
type job struct {
	partner  *Partner
	name     FileName
	manifest Manifest
	desk     *Desk
	rules    []Rule
	sieves   []sieve

	now         time.Time
	file        []byte // columns and fields that are the same in every row
	time, stamp []byte

	serial  int64
	rows    int
	outputs map[int]*output
	order   []*output // as they were begun
	effects *os.File
	book    *bufio.Writer
	line    []byte
	page    []Row
	answer  Answer
	echo    []byte // of the first row, for a partner that mangles
	last    []byte // ref of the last row
	err     error
}

func (p *Partner) newJob(m Manifest, d *Desk) (*job, error) {
	now := p.cfg.Clock().In(Beijing())
	j := &job{
		partner: p, name: m.Name, manifest: m, desk: d, serial: p.serial, now: now, outputs: map[int]*output{},
		file: []byte(m.Name.String()), time: stampOf(now), stamp: []byte(now.Format("20060102150405")),
	}
	j.answer.job = j
	if d.Begin != nil {
		d.Begin()
	}
	j.rules = p.rulesFor(m.Name)
	for _, r := range j.rules {
		j.sieves = append(j.sieves, newSieve(r).of(j.name))
	}
	effects, err := os.OpenFile(j.effectsPath(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	j.effects = effects
	j.book = bufio.NewWriterSize(effects, 256<<10)
	if !d.Unsolicited {
		j.output(0) // an answer without rows is an answer too
	}
	if j.err != nil {
		j.abandon()
	}
	return j, j.err
}

func stampOf(t time.Time) []byte {
	return []byte(t.In(Beijing()).Format("2006-01-02T15:04:05.000Z07:00"))
}

func (j *job) effectsPath() string { return j.partner.work(j.name.String() + ".effects") }

// run reads the request, whose standard text m describes, and deals with all its rows.
func (j *job) run(in io.Reader, m Manifest) error {
	err := readFile(in, m, shape{
		fields: j.desk.Fields, fen: j.desk.Fen,
		strict: j.desk.Fen > 0 || j.partner.cfg.Profile.refuses(StrictRow),
	}, j.row)
	if err == nil {
		err = j.flush()
	}
	return errors.Join(err, j.err)
}

func (j *job) row(r Row) error {
	j.rows++
	if j.rows%256 == 0 && j.partner.isClosing() {
		return errClosing
	}
	if j.desk.Look == nil {
		j.deal(r)
		return j.err
	}
	own := make(Row, len(r))
	for i, field := range r {
		own[i] = append([]byte(nil), field...)
	}
	j.page = append(j.page, own)
	if len(j.page) < pageRows {
		return nil
	}
	return j.flush()
}

// flush deals with the rows that wait for a look into the ledger.
func (j *job) flush() error {
	if len(j.page) == 0 {
		return nil
	}
	if err := j.desk.Look(j.partner.ledger, j.page); err != nil {
		return err
	}
	for _, r := range j.page {
		j.deal(r)
	}
	j.page = j.page[:0]
	return j.err
}

func (j *job) deal(r Row) {
	j.last = append(j.last[:0], r[0]...)
	j.answer.ref, j.answer.person = r[0], r[j.desk.Person]
	j.answer.verdict = judge(j.sieves, r[0], j.answer.person)
	if !j.answer.verdict.lost {
		j.desk.Row(r, &j.answer)
	}
}

// mangled returns the fields of an answer with the first row's first field.
func (j *job) mangled(fields [][]byte) [][]byte {
	if j.echo == nil {
		j.echo = bytes.Clone(fields[0])
	}
	return append([][]byte{j.echo}, fields[1:]...)
}

func (j *job) record(e *Entry) {
	j.line = e.appendTo(j.line[:0])
	_, _ = j.book.Write(j.line) // an error stays with the buffer and comes out of its Flush
}

// output is the number-th answer, begun when it is first needed; nil after an error.
func (j *job) output(number int) *output {
	if out := j.outputs[number]; out != nil || j.err != nil {
		return out
	}
	name, answered := j.name.Answer(j.desk.Answer), j.name.String()
	if j.desk.Unsolicited {
		name.Date, answered = j.now.Format("20060102"), ""
		name.Seq = j.partner.sequence[name.series()] + len(j.outputs) + 1
	}
	out := j.begin(number, name, answered)
	if out != nil {
		out.reorder = j.rule(Reorder) != nil
	}
	return out
}

// begin begins an output; nil when it cannot.
func (j *job) begin(number int, name FileName, answered string) *output {
	out, err := createOutput(j.partner.work(name.String()), name, answered)
	if err != nil {
		j.err = err
		return nil
	}
	out.money = j.desk.AnswerFen - 1
	j.outputs[number] = out
	j.order = append(j.order, out)
	return out
}

// abandon removes what was written.
func (j *job) abandon() {
	for _, out := range j.order {
		_ = out.file.Close()
		_ = os.Remove(out.file.Name())
	}
	_ = j.effects.Close()
	_ = os.Remove(j.effects.Name())
}

// close ends the books: the letters to send, and a ledger line for the file, for each answer and for each rule that counts
// its files.
func (j *job) close() ([]letter, error) {
	letters := make([]letter, 0, len(j.order))
	for _, out := range j.order {
		manifest, err := out.finish(j.partner.key, j.last, j.partner.forms[out.name.Kind])
		if err != nil {
			return nil, err
		}
		letters = append(letters, j.letter(out, manifest))
		j.fileLine(eventPrepared, out.name.String(), fmt.Sprintf("for=%s rows=%d", j.name, out.rows))
	}
	for _, r := range j.rules {
		if r.counts(j.name) {
			j.fileLine(eventRule, j.name.String(), r.key())
		}
	}
	j.fileLine(eventProcessed, j.name.String(), takenDetail{j.manifest.Rows, j.serial, j.manifest.SM3}.String())
	return letters, errors.Join(j.book.Flush(), j.effects.Close())
}

func (j *job) fileLine(event, file, detail string) {
	j.record(&Entry{Time: j.time, Event: []byte(event), File: []byte(file), Result: []byte("ok"), Detail: []byte(detail)})
}

// takenDetail is what the ledger keeps about a request that was dealt with.
type takenDetail struct {
	rows   int
	serial int64 // the last one that was drawn
	sm3    string
}

func (d takenDetail) String() string {
	return "rows=" + strconv.Itoa(d.rows) + " serial=" + strconv.FormatInt(d.serial, 10) + " sm3=" + d.sm3
}

func parseTaken(text []byte) (takenDetail, error) {
	var d takenDetail
	_, err := fmt.Sscanf(string(text), "rows=%d serial=%d sm3=%s", &d.rows, &d.serial, &d.sm3)
	return d, err
}
