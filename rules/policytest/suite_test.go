package policytest

import (
	"context"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
	"vigie/rules/oncall"
	"vigie/rules/policyfile"
	"vigie/rules/words"
)

// shop is a small policy with something of everything.
const shop = `# S.9 is cited here alone, S.1 too.
name             = "shop"
effective_from   = 2026-01-01
covers           = 'kind in ["order", "wish"]'
calendar         = "paris"
default_priority = "normal"
reopen_grace     = "1 minute"
priority_rules   = "propose"

[calendars.paris]
zone     = "Europe/Paris"
hours    = { mon-fri = ["09:00-17:00"] }
holidays = ["FR"]
special  = { "2026-12-24" = ["09:00-12:00"] }

[calendars.kolkata]
zone  = "Asia/Kolkata"
hours = { mon-fri = ["00:00-24:00"] }

[teams]
"Pune" = "kolkata"

[[priorities]]
name = "urgent"
when = 'affirms(text, "down")'
[[priorities]]
name = "normal"
when = 'has(text, "slow") or channel == "phone"'

[[targets]]
metric = "resolution"
within = { urgent = "1 hour", normal = "1 business day" }
pause  = ["waiting_customer"]
until  = '"sent" in tags'
warn   = { urgent = ["50%"] }
clause = "S.1"

[[targets]]
metric = "resolution"
when   = 'kind == "wish"'
within = { normal = "30 seconds" }
warn   = ["50%"]
clause = "S.2"

[[exclude]]
when   = 'organization == "Acme"'
tag    = "not_ours"
clause = "S.3"
[[exclude]]
when   = 'organization == "Globex"'
tag    = "not_ours"
clause = "S.3"

[[mark]]
when   = 'status == "open" and fields["contact"] != "" and int(fields["seats"] ?? "1") > 0'
tag    = "seen"
clause = "S.4"
`

func open(policy string) func(string) (Source, error) {
	return func(name string) (Source, error) {
		if name != "shop.toml" {
			return Source{}, errors.New("there is no such policy")
		}
		return Source{File: name, Text: []byte(policy)}, nil
	}
}

func read(t *testing.T, text string) *Suite {
	t.Helper()
	s, problems := Read("shop.test.toml", []byte("policy = \"shop.toml\"\nzone = \"Europe/Paris\"\n"+text), open(shop))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

// failures are the expectations that don't hold, as "case: expectation: got".
func failures(s *Suite) []string {
	var list []string
	for _, r := range s.Run(nil) {
		for _, f := range r.Failures {
			list = append(list, r.Name+": "+f.Expect+": "+f.Got)
		}
	}
	return list
}

func TestEveryExpectationHoldsOrNot(t *testing.T) {
	const ticket = "[[test]]\nname = \"x\"\nticket = { created = \"Mon 2026-11-30 10:00\", kind = \"order\", "
	for _, c := range []struct{ name, ticket, timeline, expect, got string }{
		{"due", `priority = "urgent"`, ``, `resolution_due = "Mon 2026-11-30 11:00"`, ""},
		{"due, another", `priority = "urgent"`, ``, `resolution_due = "Mon 2026-11-30 11:01"`, "Mon 2026-11-30 11:00 CET"},
		{"no due while paused", `priority = "urgent", status = "waiting_customer"`, ``, `resolution_due = "none", resolution_state = "paused"`, ""},
		{"a due that isn't none", `priority = "urgent"`, ``, `resolution_due = "none"`, "Mon 2026-11-30 11:00 CET"},
		{"no clock", `priority = "urgent"`, ``, `update_state = "none", update_due = "none"`, ""},
		{"a clock that isn't none", `priority = "urgent"`, ``, `resolution_state = "none"`, "running"},
		{"no such cycle", `priority = "urgent"`, ``, `resolution_cycle = 2`, "1"},
		{"the state at the instant", `priority = "urgent"`, `{ at = "Mon 2026-11-30 10:10", status = "solved" }`, `at = "Mon 2026-11-30 10:09:59", resolution_state = "running"`, ""},
		{"an event at the instant", `priority = "urgent"`, `{ at = "Mon 2026-11-30 10:10", status = "solved" }`, `at = "Mon 2026-11-30 10:10", resolution_state = "met", resolution_elapsed = "10m", resolution_remaining = "50m"`, ""},
		{"late", `priority = "urgent"`, ``, `at = "Mon 2026-11-30 11:20", resolution_remaining = "-20m", resolution_state = "breached"`, ""},
		{"a field and a tag", `priority = "urgent", fields = { a = "1" }, tags = ["x"]`, `{ at = "Mon 2026-11-30 10:10", field = { a = "2" }, tag = ["+sent", "-x"] }`, `at = "Mon 2026-11-30 10:10", tags = ["sent", "priority_urgent"]`, ""},
		{"one tag too few", `priority = "urgent"`, ``, `tags = []`, "priority_urgent"},
		{"a rule proposes", `text = "it is down"`, ``, `priority = "normal", priority_from = "default", proposed = "urgent"`, ""},
		{"a rule proposes nothing", `text = "it isn't down"`, ``, `proposed = "none"`, ""},
		{"a person of a name", ``, `{ at = "Mon 2026-11-30 10:10", priority = "urgent", by = "Nadia" }`, `at = "Mon 2026-11-30 10:10", priority = "urgent", priority_from = "person"`, ""},
		{"an automation is no person", ``, `{ at = "Mon 2026-11-30 10:10", priority = "urgent", by = "automation" }`, `at = "Mon 2026-11-30 10:10", priority = "urgent"`, "normal"},
		{"excluded by its clause or tag", `organization = "Acme"`, ``, `excluded = "S.3", resolution_state = "none"`, ""},
		{"excluded by its tag", `organization = "Acme"`, ``, `excluded = "not_ours"`, ""},
		{"not excluded", ``, ``, `excluded = "S.3"`, "none"},
		{"not covered", `organization = ""`, `{ at = "Mon 2026-11-30 10:10", kind = "spam" }`, `at = "Mon 2026-11-30 10:10", covered = true`, "false"},
		{"silence", `priority = "urgent"`, ``, `at = "Mon 2026-11-30 10:29:59", messages = []`, ""},
		{"no silence", `priority = "urgent"`, ``, `at = "Mon 2026-11-30 10:30", messages = []`, "Mon 2026-11-30 10:30 CET warn resolution 50%"},
		{"messages without instants", `priority = "urgent"`, ``, `at = "Mon 2026-11-30 11:30", messages = ["warn resolution 50%", "breach resolution"]`, ""},
		{"messages in another order", `priority = "urgent"`, ``, `at = "Mon 2026-11-30 11:30", messages = ["breach resolution", "warn resolution 50%"]`, "Mon 2026-11-30 10:30 CET warn resolution 50%; Mon 2026-11-30 11:00:01 CET breach resolution"},
		{"a message at another instant", `priority = "urgent"`, ``, `at = "Mon 2026-11-30 10:30", messages = ["Mon 2026-11-30 10:29 warn resolution 50%"]`, "Mon 2026-11-30 10:30 CET warn resolution 50%"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := read(t, ticket+c.ticket+" }\ntimeline = ["+c.timeline+"]\nexpect = [{ "+c.expect+" }]\n")
			var got string
			if all := failures(s); len(all) > 0 {
				parts := strings.SplitN(all[0], ": ", 3)
				got = parts[2]
			}
			if got != c.got {
				t.Errorf("got %q, want %q", got, c.got)
			}
			for _, r := range s.Run(nil) {
				if passes := r.passes(s.policies[""]); passes != (c.got == "") {
					t.Errorf("the quick run says %v", passes)
				}
			}
		})
	}
}

func TestEachAndRowsAndVariants(t *testing.T) {
	s := read(t, `
ticket = { created = "Mon 2026-11-30 10:00" }
[variant.stricter]
targets = [{ metric = "resolution", within = { normal = "5 minutes" } }]
[[table]]
name    = "t"
each    = { kind = ["order", "wish"], organization = ["", "Acme"] }
columns = ["priority", "at", "resolution_state", "expect.priority"]
rows = [
  ["urgent", "", "", "urgent"],
  ["", "Mon 2026-11-30 10:30", "", "normal"],
]
[[test]]
name    = "with rows of its own"
variant = "stricter"
ticket  = { kind = "order" }
expect  = [{ resolution_due = "Mon 2026-11-30 10:05" }]
`)
	var names []string
	for _, c := range s.Cases {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	want := []string{
		`t, order, "": Mon 2026-11-30 10:30`, `t, order, "": urgent`, `t, order, Acme: Mon 2026-11-30 10:30`, `t, order, Acme: urgent`,
		`t, wish, "": Mon 2026-11-30 10:30`, `t, wish, "": urgent`, `t, wish, Acme: Mon 2026-11-30 10:30`, `t, wish, Acme: urgent`, "with rows of its own",
	}
	for i := range want { // an instant to look at is no attribute
		want[i] = strings.Replace(want[i], ": Mon 2026-11-30 10:30", ": ", 1)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := failures(s); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestClauses(t *testing.T) {
	s := read(t, "[[test]]\nname = \"x\"\nclauses = [\"S.1\", \"S.4\"]\nticket = { created = \"2026-11-30 10:00\" }\nexpect = [{ covered = false }]\n")
	var got []string
	for _, c := range Uncited([]*Suite{s}) {
		got = append(got, c.ID+" "+strconv.Itoa(c.Line))
	}
	if want := []string{"S.2 43", "S.3 48", "S.9 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	plain := Source{File: "p.toml", Text: []byte("[[targets]]\nclause = \"contract Acme\"\n")}
	if got := Clauses(plain); len(got) != 1 || got[0] != (Clause{"contract Acme", 2}) {
		t.Errorf("got %v", got)
	}
}

func TestReadNothing(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", `shop.test.toml: policy: is missing; write policy = "acme.toml"`},
		{"policy = \"atlantis.toml\"", `shop.test.toml:1: policy: there is no such policy; write the policy file's path, relative to this file`},
		{"policy = \"shop.toml\"", `shop.test.toml: holds no test; write [[test]] or [[table]], as vigie test --help shows`},
		{"policy = [", `shop.test.toml:1: `},
	} {
		s, problems := Read("shop.test.toml", []byte(c.text), open(shop))
		if s != nil || !strings.HasPrefix(problems.Error(), c.want) {
			t.Errorf("%q: got %v and %s, want %s", c.text, s, problems, c.want)
		}
	}
	if _, problems := Read("shop.test.toml", []byte("policy = \"shop.toml\""), open("nmae = 1")); !strings.Contains(problems.Error(), "shop.toml:1: nmae: unknown key") {
		t.Errorf("the policy's own mistakes: got %s", problems)
	}
}

// Two suites of one policy together find and explain what each alone doesn't.
func TestMutate(t *testing.T) {
	first := read(t, `
[[test]]
name     = "an order"
ticket   = { created = "Mon 2026-11-30 10:00", kind = "order", priority = "urgent" }
expect   = [{ resolution_due = "Mon 2026-11-30 11:00" }]
[[survivor]]
mutant  = "exclude[*]: asked after exclude[*]"
because = "an organisation has one name"
[[survivor]]
mutant  = "targets[0].within.urgent: a minute more"
because = "it is killed"
`)
	second := read(t, `
[[test]]
name   = "a wish"
ticket = { created = "Fri 2026-12-25 10:00", kind = "wish" }
expect = [{ tags = ["priority_normal"], resolution_due = "Mon 2026-12-28 17:00" }]
`)
	calls := 0
	outcomes, unneeded, err := Mutate(t.Context(), []*Suite{first, second}, func(done, total int) {
		if calls++; done != calls || total < done {
			t.Errorf("progress: %d of %d at call %d", done, total, calls)
		}
	})
	if err != nil || calls != len(outcomes) {
		t.Fatalf("got %d outcomes, %d calls, %v", len(outcomes), calls, err)
	}
	fates := map[string]string{}
	for _, o := range outcomes {
		if _, twice := fates[o.String()]; twice {
			t.Errorf("two mutants are named %q", o)
		}
		fates[o.String()] = strings.TrimSpace(string(o.Fate) + " " + o.Why)
	}
	for mutant, want := range map[string]string{
		"targets[0].within.urgent: a minute less":                              "killed",
		"targets[0].within.urgent: a minute more":                              "killed",
		"targets[0].within: the other clock":                                   "killed",
		"targets[0].warn.urgent[0]: a percent later":                           "survived",
		"targets[0].pause: doesn't pause while waiting_customer":               "survived",
		"targets[0].pause: pauses while waiting_third_party":                   "survived",
		`targets[0].until: "sent" is another text`:                             "survived",
		"targets[0]: row removed":                                              "killed",
		"targets[0]: asked after targets[1]":                                   "killed",
		"targets[1].within.normal: a second more":                              "survived",
		"calendars.paris.hours.mon-fri: 09:00-17:00 closes a minute earlier":   "killed",
		"calendars.paris.hours.mon-fri: mon closed":                            "killed",
		"calendars.paris.holidays: 2026-12-25, Christmas Day, a working day":   "killed",
		"calendars.paris.holidays[0]: without FR":                              "killed",
		"calendars.paris.special.2026-12-24: no special hours":                 "survived",
		"calendars.paris.zone: Africa/Lagos, without summer time":              "survived",
		"calendars.kolkata.zone: UTC":                                          "survived",
		"teams.Pune: not on a calendar of its own":                             "survived",
		"calendar: kolkata":                                                    "killed",
		"default_priority: urgent":                                             "killed",
		"priority_rules: apply":                                                "survived",
		"reopen_grace: a second less":                                          "survived",
		"reopen_grace: removed":                                                "survived",
		"covers: everything":                                                   "survived",
		`covers: "wish" is another text`:                                       "killed",
		`priorities[1].when: normal proposed by no rule`:                       "survived",
		"priorities[0]: normal asked before urgent":                            "survived",
		"exclude[0]: asked after exclude[1]":                                   "explained an organisation has one name",
		"exclude[0].tag: another tag":                                          "survived",
		`mark[0].when: "open" is another text`:                                 "survived",
		"effective_from: a day later":                                          "survived",
		"targets[0].within.normal: removed":                                    "killed",
		`exclude[1].when: "Globex" is another text`:                            "survived",
		"calendars.kolkata.hours.mon-fri: 00:00-24:00 closes a minute earlier": "survived",
	} {
		if got := fates[mutant]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", mutant, got, want)
		}
	}
	for _, mutant := range []string{ // phrases, and what is no time of day
		`priorities[1].when: "slow" is another text`, "calendars.kolkata.hours.mon-fri: 00:00-24:00 opens a minute earlier",
	} {
		if got, there := fates[mutant]; there {
			t.Errorf("%s: %s, want no such mutant", mutant, got)
		}
	}
	if want := `shop.test.toml:11: survivor[1].mutant: no mutant that survives is named "targets[0].within.urgent: a minute more"; remove this entry, or write the name as --mutate prints it`; unneeded.Error() != want {
		t.Errorf("got %s\nwant %s", unneeded, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Mutate(ctx, []*Suite{first}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after it was cancelled", err)
	}
}

// A difference is said in the largest units that are exact.
func TestDifferences(t *testing.T) {
	for seconds, want := range map[int64]string{41 * 60: "41 minutes later", -3661: "1 hour 1 minute 1 second earlier", 172800: "2 days later", 0: ""} {
		if got := later(seconds); got != want {
			t.Errorf("%d: got %q, want %q", seconds, got, want)
		}
	}
	for _, text := range []string{"7h", "1h30m", "-20m", "0s", "59s", "1h0m1s"} {
		if seconds, err := parseLength(text); err != nil || length(seconds) != text {
			t.Errorf("%s: got %s, %v", text, length(seconds), err)
		}
	}
}

// What is written can be read, and holds.
func TestWriteIsReadAgain(t *testing.T) {
	p, _ := policyfile.Load("shop.toml", []byte(shop), nil)
	at := func(text string) time.Time {
		v, err := words.ParseLocal(text, p.Calendar.Zone())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, ticket := range map[string]rules.Ticket{
		"bare":        {CreatedAt: at("2026-11-30 10:00")},
		"not covered": {Kind: "spam", CreatedAt: at("2026-11-30 10:00")},
		"excluded":    {Kind: "order", Organization: "Acme", CreatedAt: at("2026-11-30 10:00")},
		"everything": {Kind: "order", Status: rules.Open, Group: "Pune", Priority: "P1", Channel: "phone", Language: "fr", Tags: []string{"priority_urgent", "private \"tag\""},
			Fields: rules.Fields{"contact": "Nadia Omarsdottir", "seats": "12", "a": "b"}, CreatedAt: at("2026-11-30 10:00:07"), Events: []rules.Event{
				{At: at("2026-11-30 11:00"), Type: rules.ReplyEvent, By: rules.ByAgent, Public: true},
				{At: at("2026-11-30 11:00"), Type: rules.StatusEvent, To: "waiting_customer", By: rules.ByAgent},
				{At: at("2026-11-30 11:00"), Type: rules.TagEvent, Add: []string{"sent"}},
				{At: at("2026-11-30 11:00"), Type: rules.TagEvent, Remove: []string{"sent"}},
				{At: at("2026-11-30 11:05"), Type: rules.ReplyEvent, By: rules.ByCustomer, Public: true},
				{At: at("2026-11-30 11:05"), Type: rules.ReplyEvent, By: rules.ByAgent},
				{At: at("2026-11-30 11:10"), Type: rules.PriorityEvent, To: "urgent", By: "Omar"},
				{At: at("2026-11-30 11:10"), Type: rules.GroupEvent, To: "Secret Team"},
			}},
	} {
		text, err := Write("shop.toml", p, &ticket, at("2026-11-30 12:00"))
		if err != nil {
			t.Fatal(err)
		}
		s, problems := Read("new.test.toml", []byte(text), open(shop))
		if problems.Err() != nil {
			t.Fatalf("%s: %s\n%s", name, problems, text)
		}
		if got := failures(s); got != nil || strings.Contains(text, "# ") {
			t.Errorf("%s: got %q from\n%s", name, got, text)
		}
		for _, secret := range []string{"Secret", "private", "Omar", "Nadia"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is in\n%s", secret, text)
			}
		}
	}
}

// This package does no IO: files come in and results go out through bot.
func TestPure(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imported := range file.Imports {
				if path, _ := strconv.Unquote(imported.Path.Value); path == "os" || path == "log" || path == "io/fs" || strings.HasPrefix(path, "net") || strings.HasPrefix(path, "vigie/bot") {
					t.Errorf("%s imports %s", name, path)
				}
			}
		}
	}
}

// A policy that extends another is tested as a whole; what is changed to see whether
// a test notices is its own alone, for the other one has tests of its own.
func TestExtendingPolicy(t *testing.T) {
	files := map[string]string{"shop.toml": shop, "acme.toml": `extends = "shop.toml"
[[targets]]
metric = "resolution"
within = { urgent = "10 minutes" }
`}
	readFile := func(name string) ([]byte, error) { return []byte(files[name]), nil }
	s, problems := Read("acme.test.toml", []byte(`policy = "acme.toml"
zone = "Europe/Paris"
[[test]]
name   = "of both"
ticket = { created = "Mon 2026-11-30 10:00", kind = "order" }
expect = [{ priority = "normal" }]
[[test]]
name   = "of its own"
ticket = { created = "Mon 2026-11-30 10:00", kind = "order", priority = "urgent" }
expect = [{ resolution_due = "Mon 2026-11-30 10:10" }]
`), func(name string) (Source, error) {
		return Source{File: name, Text: []byte(files[name]), ReadFile: readFile}, nil
	})
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	if got := failures(s); got != nil {
		t.Errorf("got %q", got)
	}
	mutants := Mutants([]*Suite{s})
	for _, m := range mutants {
		if !strings.HasPrefix(m.Key, "targets[0]") || m.Line < 2 || m.Line > 4 {
			t.Errorf("%s:%d: %s: %s", m.File, m.Line, m.Key, m.Change)
		}
	}
	if len(mutants) < 3 {
		t.Errorf("got %d changes", len(mutants))
	}
}

// What a file's configuration calls can be expected, in a person's words.
func TestCallsThatAreExpected(t *testing.T) {
	warning, _ := rules.ParseDuration("15 minutes", 8*3600)
	plan := oncall.Plan{
		Chain: func(rules.Alert) []oncall.Step {
			return []oncall.Step{
				{At: oncall.AtWarning, Call: []oncall.Callee{{Kind: oncall.Assignee}}},
				{At: oncall.AtBreach, Call: []oncall.Callee{{Kind: oncall.Team}, {Kind: oncall.Channel, Name: "#leads"}}},
				{After: warning, Call: []oncall.Callee{{Kind: oncall.ByRota, Name: "support"}}},
			}
		},
		OnCall: func(string, time.Time) string { return "omar@acme.example" },
		Teams:  map[string]string{"Berlin": "@support-berlin"},
	}
	for _, c := range []struct{ name, ticket, timeline, calls, got string }{
		{"all steps", `assignee = "nadia@acme.example", group = "Berlin"`, ``,
			`"Mon 2026-11-30 10:30 assignee nadia@acme.example", "team @support-berlin", "#leads", "Mon 2026-11-30 11:15 oncall:support omar@acme.example"`, ""},
		{"who it is may be left out", `group = "Berlin"`, ``, `"assignee", "team", "#leads", "oncall:support"`, ""},
		{"nobody has the role", ``, ``, `"assignee nobody", "team nobody", "#leads", "omar@acme.example"`, ""},
		{"taken after the warning", `assignee = "nadia@acme.example"`, `{ at = "Mon 2026-11-30 10:40", assignee = "omar@acme.example", by = "Omar" }`,
			`"assignee nadia@acme.example", "Mon 2026-11-30 11:00:01 omar@acme.example"`, ""},
		{"solved in time", ``, `{ at = "Mon 2026-11-30 10:20", status = "solved" }`, ``, ""},
		{"one call too few", `group = "Berlin"`, ``, `"assignee", "team", "#leads"`,
			"Mon 2026-11-30 10:30 CET assignee nobody; Mon 2026-11-30 11:00:01 CET team @support-berlin; Mon 2026-11-30 11:00:01 CET #leads; Mon 2026-11-30 11:15 CET oncall:support omar@acme.example"},
	} {
		text := "policy = \"shop.toml\"\nzone = \"Europe/Paris\"\nconfig = \"config.toml\"\n[[test]]\nname = \"x\"\nticket = { created = \"Mon 2026-11-30 10:00\", kind = \"order\", priority = \"urgent\", " + c.ticket +
			"}\ntimeline = [" + c.timeline + "]\nexpect = [{ at = \"Mon 2026-11-30 12:00\", calls = [" + c.calls + "] }]\n"
		s, problems := Read("shop.test.toml", []byte(strings.ReplaceAll(text, ", }", " }")), func(name string) (Source, error) {
			source, err := open(shop)(name)
			source.Plan = func(string) (oncall.Plan, error) { return plan, nil }
			return source, err
		})
		if err := problems.Err(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		want := ""
		if c.got != "" {
			want = "x: calls: " + c.got
		}
		if got := strings.Join(failures(s), "\n"); got != want {
			t.Errorf("%s: got %q, want %q", c.name, got, want)
		}
	}
	_, problems := Read("shop.test.toml", []byte("policy = \"shop.toml\"\nzone = \"Europe/Paris\"\n[[test]]\nname = \"x\"\nticket = { created = \"Mon 2026-11-30 10:00\" }\nexpect = [{ calls = [\"assignee\"] }]\n"), open(shop))
	if !strings.Contains(problems.Error(), `calls: needs to know who is called; write config = "config.toml" at the top`) {
		t.Errorf("without a configuration: %v", problems)
	}
}
