package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/rules/policies"
)

// What a support lead sees of failing tests, in every format.
func TestFailingTests(t *testing.T) {
	for _, c := range []struct{ format, file string }{
		{"text", "test.txt"}, {"json", "test.json"}, {"junit", "test.junit.xml"}, {"github", "test.github.txt"},
	} {
		t.Run(c.format, func(t *testing.T) {
			r := bot(t, "", "test", "testdata/acme.wrong.test.toml", "--format", c.format)
			if want := "vigie: 5 of 6 tests failed\n"; r.code != 1 || r.stderr != want {
				t.Errorf("got exit %d and %q, want exit 1 and %q", r.code, r.stderr, want)
			}
			golden(t, c.file, r.stdout)
		})
	}
}

// The formats for programs are what they say they are.
func TestFormatsParse(t *testing.T) {
	var report struct {
		Tests, Failed int
		Results       []struct {
			Name     string
			Line     int
			Passed   bool
			Failures []struct{ Difference string }
		}
	}
	if err := json.Unmarshal([]byte(bot(t, "", "test", "testdata/acme.wrong.test.toml", "--format", "json").stdout), &report); err != nil {
		t.Fatal(err)
	}
	if report.Tests != 6 || report.Failed != 5 || len(report.Results) != 6 || report.Results[0].Failures[0].Difference != "41 minutes later" {
		t.Errorf("got %+v", report)
	}
	var suites struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(bot(t, "", "test", "testdata/acme.wrong.test.toml", "--format", "junit").stdout), &suites); err != nil {
		t.Fatal(err)
	}
	if s := suites.Suites; len(s) != 1 || s[0].Tests != 6 || s[0].Failures != 5 || s[0].Cases[4].Failure != nil {
		t.Errorf("got %+v", s)
	}
	for line := range strings.Lines(bot(t, "", "test", "testdata/acme.wrong.test.toml", "--format", "github").stdout) {
		if !strings.HasPrefix(line, "::error file=testdata/acme.wrong.test.toml,line=") {
			t.Errorf("got the line %q", line)
		}
	}
}

// Every mistake of a test file at once, with its line and what to write.
func TestMistakesInTests(t *testing.T) {
	r := bot(t, "", "test", "testdata/mistakes.test.toml")
	if r.code != 2 || r.stdout != "" {
		t.Errorf("got exit %d and %q, want exit 2 and nothing", r.code, r.stdout)
	}
	golden(t, "mistakes.test.txt", r.stderr)
}

// Clauses that nobody tests and changes that nobody notices make it fail, at
// their lines in the policy.
func TestCoverageAndMutation(t *testing.T) {
	r := bot(t, "", "test", "testdata/acme.test.toml", "--clause-coverage", "--mutate")
	if want := "vigie: no test cites 3 clauses of testdata/acme.toml; no test notices "; r.code != 1 || !strings.HasPrefix(r.stderr, want) {
		t.Errorf("got exit %d and %q, want exit 1 and %q", r.code, r.stderr, want)
	}
	golden(t, "test.mutate.txt", r.stdout)
	again := bot(t, "", "test", "testdata/acme.test.toml", "--clause-coverage", "--mutate")
	if again != r {
		t.Errorf("got another answer the second time:\n%s", again.stdout)
	}
	for format, want := range map[string]string{
		"junit":  `<testcase classname="testdata/acme.toml" name="A-1" file="testdata/acme.toml" line="34">`,
		"github": "::error file=testdata/acme.toml,line=34,title=A-1::no test cites this clause",
		"json":   `"clause": "A-1"`,
	} {
		if got := bot(t, "", "test", "testdata/acme.test.toml", "--clause-coverage", "--format", format); got.code != 1 || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: got exit %d and\n%s\nwant exit 1 and in it\n%s", format, got.code, got.stdout, want)
		}
	}
}

func TestNothingIsMutatedWhileTestsFail(t *testing.T) {
	r := bot(t, "", "test", "testdata/acme.wrong.test.toml", "--mutate")
	if want := "vigie: --mutate waits until all tests hold\nvigie: 5 of 6 tests failed\n"; r.code != 1 || r.stderr != want {
		t.Errorf("got exit %d and %q, want exit 1 and %q", r.code, r.stderr, want)
	}
}

// Which files are tested by which arguments.
func TestWhichTests(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"acme.toml", "acme.test.toml"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "lonely.toml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line  string
		code  int
		stdin string
		want  string // in stdout or stderr
	}{
		{"test", 0, "", "ok   acme.test.toml: 2 tests of acme.toml\n"},
		{"test run acme.test.toml", 0, "", "ok   acme.test.toml: 2 tests of acme.toml\n"},
		{"test acme.toml acme.test.toml", 0, "", "ok   acme.test.toml: 2 tests of acme.toml\n"},
		{"test .", 0, "", "ok   acme.test.toml: 2 tests of acme.toml\n"},
		{"test --run wishes -v", 0, "", "ok   acme.test.toml:15: wishes are not covered [A-4]\nok   acme.test.toml: 1 test of acme.toml\n"},
		{"test --run nothing", 2, "", `vigie: --run "nothing" matches no test`},
		{"test --run (", 2, "", "vigie: --run: error parsing regexp"},
		{"test nowhere.test.toml", 2, "", "vigie: stat nowhere.test.toml: no such file or directory"},
		{"test atlantis", 2, "", `vigie: there are no tests of a policy "atlantis"; write a file's path, or one of meteorage, moveon`},
		{"test lonely.toml", 2, "", "vigie: there are no tests beside lonely.toml; write lonely.test.toml, vigie test --help shows how"},
		{"test empty", 2, "", "vigie: there is no test in empty; their names end in .test.toml"},
		{"test --format xml", 2, "", `vigie: --format must be one of "text","json","junit","github" but got "xml"`},
	} {
		t.Run(c.line, func(t *testing.T) {
			r := bot(t, c.stdin, strings.Fields(c.line)...)
			if r.code != c.code || !strings.Contains(r.stdout+r.stderr, c.want) {
				t.Errorf("got exit %d and\n%s%swant exit %d and\n%s", r.code, r.stdout, r.stderr, c.code, c.want)
			}
			if c.code == 0 && r.stdout != c.want {
				t.Errorf("got\n%swant\n%s", r.stdout, c.want)
			}
		})
	}
	t.Chdir(empty)
	text := done(t, bot(t, "", "test"))
	for _, name := range policies.Names() {
		if !strings.Contains(text, "ok   "+name+".test.toml: ") {
			t.Errorf("without a file the embedded tests run; got\n%s", text)
		}
	}
}

// A test written from a real ticket passes, and holds nobody's name.
func TestNewTest(t *testing.T) {
	ticket := `{"source":"zendesk","id":"4711","kind":"problem","organization":"Acme University","assignee":"nadia@acme.example",
"requester":"omar@acme.example","subject":"Portail","text":"Le portail est inaccessible pour tous, dit Nadia","tags":["vip","workaround"],"fields":{"360001":"secret"},
"created_at":"2026-10-25T00:30:00Z","events":[
{"at":"2026-10-26T09:00:00Z","type":"reply","by":"agent","public":true},
{"at":"2026-10-26T09:00:00Z","type":"status","to":"waiting_customer","by":"Nadia"},
{"at":"2026-10-26T10:00:00Z","type":"assignee","to":"omar@acme.example"},
{"at":"2026-10-26T10:30:00Z","type":"tag","remove":["workaround","vip"],"by":"Nadia"},
{"at":"2026-10-26T10:45:30Z","type":"status","to":"open"}]}`
	r := bot(t, ticket, "test", "new", "--file", "-", "--policy", "moveon", "--now", "2026-10-26T11:00:00Z")
	text := done(t, r)
	for _, secret := range []string{"Acme", "nadia", "Nadia", "omar", "Portail", "portail", "vip", "secret", "4711"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in\n%s", secret, text)
		}
	}
	golden(t, "test.new.toml", text)
	file := filepath.Join(t.TempDir(), "new.test.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	done(t, bot(t, "", "test", file))
}

// The example that --help shows holds under MoveON's policy.
func TestTheExampleHolds(t *testing.T) {
	text := testHelp[strings.Index(testHelp, `  policy = "acme.toml"`):]
	text = text[:strings.Index(text, "\nAn instant")]
	text = strings.NewReplacer("acme.toml", "moveon", "A-7", "QS-26", "A-3", "QS-21", "A-4", "QS-22").Replace(text)
	file := filepath.Join(t.TempDir(), "example.test.toml")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	if r := bot(t, "", "test", file); r.code != 0 || !strings.Contains(r.stdout, ": 3 tests of moveon.toml") || r.stderr != "" {
		t.Errorf("got exit %d and\n%s%s", r.code, r.stdout, r.stderr)
	}
}
