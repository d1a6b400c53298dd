package onecard_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	commandLine      = regexp.MustCompile(`(?m)^ *(?:\$ )?(?:bin/)?((?:onecard|partners) .*)$`)
	inlineCode       = regexp.MustCompile("`((?:onecard|partners) [^`]*)`")
	makeTarget       = regexp.MustCompile("(?:^|`)make ([a-z]+)")
	words            = regexp.MustCompile(`"[^"]*"|\S+`)
	helpFlag         = regexp.MustCompile(`(?m)^ +(?:-([a-z]), )?(?:    )?--([a-z-]+)( [a-z]+)?`)
	optionalArgument = regexp.MustCompile(`^\[[A-Z]+\]$`)

	helpCommand = regexp.MustCompile(`(?m)^  (?:onecard |partners )?([a-z][a-z-]*) `)
)

// TestCommandsOfDocumentsExist asks the programs themselves about every command line in the documents: is there such a
// command, does it have these flags, and does it take so many arguments?
func TestCommandsOfDocumentsExist(t *testing.T) {
	t.Parallel()
	p := buildPrograms(t)
	checked := 0
	for _, d := range documents(t) {
		for _, line := range d.commands() {
			require.Empty(t, p.fault(t, line), "%s: %s", d.file, line)
			checked++
		}
	}
	require.Greater(t, checked, 30, "the command lines were found")
	for _, wrong := range []string{
		"onecard nothing", "onecard rollout nothing R20261121-001", "onecard rollout show", "onecard rollout show R20261121-001 more",
		"onecard up --nothing", "onecard rollout show R20261121-001 -x", "partners ledger --dir var/partners",
	} {
		require.NotEmpty(t, p.fault(t, wrong), "the check can fail: %s", wrong)
	}
}

// TestMakeTargetsOfDocumentsExist looks for every make target that is named in the documents.
func TestMakeTargetsOfDocumentsExist(t *testing.T) {
	t.Parallel()
	makefile := read(t, "Makefile")
	for _, d := range documents(t) {
		for _, m := range makeTarget.FindAllStringSubmatch(d.prose, -1) {
			require.True(t, strings.Contains(makefile, "\n"+m[1]+":"), "%s: make %s", d.file, m[1]) //nolint:testifylint // the file is too long to be shown
		}
	}
}

// commands are the command lines in shell blocks, and those in the prose that stand in code.
func (d document) commands() []string {
	var lines []string
	for _, b := range d.blocks {
		if b.language != "sh" {
			continue
		}
		for _, m := range commandLine.FindAllStringSubmatch(b.text, -1) {
			lines = append(lines, m[1])
		}
	}
	for _, m := range inlineCode.FindAllStringSubmatch(d.prose, -1) {
		lines = append(lines, m[1])
	}
	return lines
}

// programs answers for our programs by their own help.
type programs struct {
	dir   string
	known map[string]help
}

// help is what a command says about itself.
type help struct {
	commands  []string
	flags     map[string]bool // by name, also by letter: does it take a value?
	arguments int
	optional  int // arguments beside those
}

func buildPrograms(t *testing.T) *programs {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", dir+"/", "./cmd/onecard", "./cmd/partners").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return &programs{dir: dir, known: map[string]help{}}
}

// fault says what is wrong with a command line, or nothing.
func (p *programs) fault(t *testing.T, line string) string {
	t.Helper()
	line, _, _ = strings.Cut(line, " #")
	args := words.FindAllString(line, -1)
	at := 1
	for at < len(args) && slices.Contains(p.help(t, args[:at]).commands, args[at]) {
		at++
	}
	h := p.help(t, args[:at])
	given := 0
	for i := at; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			given++
			continue
		}
		name, _, inline := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		takes, known := h.flags[name]
		if !known {
			return "no flag " + args[i]
		}
		if takes && !inline {
			i++
		}
	}
	if asksForHelp := slices.Contains(args, "--help"); (given < h.arguments || given > h.arguments+h.optional) && !asksForHelp {
		return "another number of arguments"
	}
	return ""
}

func (p *programs) help(t *testing.T, command []string) help {
	t.Helper()
	key := strings.Join(command, " ")
	if h, ok := p.known[key]; ok {
		return h
	}
	args := append(slices.Clone(command[1:]), "--help")
	out, err := exec.CommandContext(t.Context(), filepath.Join(p.dir, command[0]), args...).CombinedOutput()
	require.NoError(t, err, "%s --help: %s", key, out)
	p.known[key] = readHelp(string(out), len(command))
	return p.known[key]
}

// readHelp reads the help of a command that is called by so many words.
func readHelp(text string, words int) help {
	h := help{flags: map[string]bool{}}
	if _, list, ok := strings.Cut(text, "Available Commands:\n"); ok {
		list, _, _ = strings.Cut(list, "\n\n")
		for _, m := range helpCommand.FindAllStringSubmatch(list, -1) {
			h.commands = append(h.commands, m[1])
		}
	}
	_, list, _ := strings.Cut(text, "Flags:\n")
	for _, m := range helpFlag.FindAllStringSubmatch(list, -1) {
		h.flags[m[2]] = m[3] != ""
		if m[1] != "" {
			h.flags[m[1]] = m[3] != ""
		}
	}
	_, usage, _ := strings.Cut(text, "Usage:\n")
	usage, _, _ = strings.Cut(usage, "\n")
	h.arguments, h.optional = countArguments(strings.Fields(usage)[words:])
	return h
}

// countArguments counts the words of a usage line that are neither flags nor their values; those in brackets may be left out.
func countArguments(usage []string) (needed, optional int) {
	for i := 0; i < len(usage); i++ {
		switch {
		case strings.HasPrefix(usage[i], "-"):
			i++
		case !strings.HasPrefix(usage[i], "["):
			needed++
		case optionalArgument.MatchString(usage[i]):
			optional++
		}
	}
	return needed, optional
}
