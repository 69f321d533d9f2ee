package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/lines"

	"github.com/google/go-cmp/cmp/cmpopts"
)

// The worked examples were computed minute by minute by a brute force that shares
// no code with Vigie. They give a part of each verdict, by metric; instants are
// compared as instants. Only running clocks have warnings.
func TestReplayWorkedExamples(t *testing.T) {
	dirs, _ := filepath.Glob("testdata/examples/p*")
	if len(dirs) == 0 {
		t.Fatal("no examples: testdata/examples is empty")
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			tickets := mustRead(t, filepath.Join(dir, "tickets.jsonl"))
			got := jsonLines(t, done(t, bot(t, tickets, "replay", "--policy", filepath.Join(dir, "policy.toml"))))
			want := jsonLines(t, mustRead(t, filepath.Join(dir, "expected.jsonl")))
			if len(got) != len(want) {
				t.Fatalf("got %d verdicts, want %d", len(got), len(want))
			}
			for i := range want {
				verdict, expected := clocksByMetric(got[i]), normal(want[i])
				for _, clock := range expected.(map[string]any)["clocks"].(map[string]any) {
					if clock := clock.(map[string]any); clock["state"] != "running" {
						clock["warnings"] = map[string]any{}
					}
				}
				if diff := cmp.Diff(expected, verdict); diff != "" {
					t.Errorf("line %d (-want +got):\n%s", i+1, diff)
				}
			}
		})
	}
}

// clocksByMetric is a verdict in the form of the worked examples.
func clocksByMetric(verdict any) any {
	v := normal(verdict).(map[string]any)
	clocks := map[string]any{}
	for _, c := range v["clocks"].([]any) {
		c := c.(map[string]any)
		warnings := map[string]any{}
		for _, w := range c["warnings"].([]any) {
			w := w.(map[string]any)
			warnings[w["threshold"].(string)] = w["at"]
		}
		clocks[c["metric"].(string)] = map[string]any{
			"state": c["state"], "target_s": c["target_seconds"], "elapsed_s": c["elapsed_seconds"], "due": c["due"], "started_at": c["started_at"],
			"stopped_at": c["stopped_at"], "cycle": c["cycle"], "paused": c["paused"], "warnings": warnings,
		}
	}
	return map[string]any{"id": v["id"], "clocks": clocks}
}

func jsonLines(t testing.TB, text string) (list []any) {
	t.Helper()
	for line := range strings.Lines(text) {
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%.80q: %v", line, err)
		}
		list = append(list, v)
	}
	return list
}

// normal turns every instant into one in UTC.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = normal(v[k])
		}
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.UTC().Format(time.RFC3339)
		}
	}
	return v
}

// A line that can't be read is told by its number, and keeps nobody from being
// judged.
func TestReplayBadLines(t *testing.T) {
	input := `{"source":"zendesk","id":"1","kind":"problem","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00"}
not JSON

{"source":"zendesk","id":"4"}
{"source":"zendesk","id":"5","status":"sleeping","created_at":"2026-11-30T09:00:00+01:00"}
{"source":"zendesk","id":"6","created_at":"2026-11-30T09:00:00+01:00","events":[{"type":"status","to":"open"}]}
{"source":"zendesk","id":"7","kind":"problem","priority":"low","created_at":"2026-11-30T09:00:00+01:00"}`
	r := bot(t, input, "replay", "--policy", "moveon", "--now", "2026-11-30T10:00:00+01:00")
	if r.code != 1 || r.stderr != "vigie: 4 lines can't be judged\n" {
		t.Errorf("got exit %d and %q", r.code, r.stderr)
	}
	type line struct {
		ID       string
		Priority string
		Line     int
		Error    string
	}
	var got []line
	for text := range strings.Lines(r.stdout) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	want := []line{
		{ID: "1", Priority: "urgent"},
		{Line: 2, Error: "no JSON at character 2: invalid character 'o' in literal null (expecting 'u')"},
		{Line: 4, Error: "created_at is missing"},
		{Line: 5, Error: `status "sleeping" is unknown: want one of new, open, waiting_customer, waiting_third_party, solved, closed, deleted`},
		{Line: 6, Error: "event 1 (status) has no time"},
		{ID: "7", Priority: "low"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if errorLine := strings.Split(r.stdout, "\n")[2]; errorLine != `{"line":4,"error":"created_at is missing"}` {
		t.Errorf("an error's line is %s", errorLine)
	}
}

// What is wrong is said in the words of whoever wrote the line.
func TestReplaySaysWhatIsWrong(t *testing.T) {
	const ticket = `"source":"zendesk","id":"1","created_at":"2026-11-30T09:00:00+01:00"`
	for _, c := range []struct{ line, want string }{
		{`["1"]`, `want a ticket, {"source":"…","id":"…","created_at":"…"}, got a list`},
		{`{"id":42}`, `id: want a text in quotes, got a number`},
		{`{` + ticket + `,"tags":"vip"}`, `tags: want a list, got a text`},
		{`{` + ticket + `,"events":[{"type":"reply","public":"yes"}]}`, `public: want true or false, got a text`},
		{`{"created_at":"yesterday"}`, `yesterday is no instant; write one such as 2026-11-30T09:00:00+01:00`},
		{`{"created_at":1795640000}`, `an instant isn't a text in quotes; write one such as "2026-11-30T09:00:00+01:00"`},
		{`{` + ticket + `}{` + ticket + `}`, `no JSON at character 71: invalid character '{' after top-level value`},
	} {
		r := bot(t, c.line+"\n", "replay", "--policy", "moveon")
		got := struct{ Error string }{}
		if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || got.Error != c.want || r.code != 1 {
			t.Errorf("%s: got exit %d and %s, want exit 1 and %s", c.line, r.code, r.stdout, c.want)
		}
	}
}

// The line that replay --help shows is one.
func TestReplayHelpShowsATicket(t *testing.T) {
	_, rest, _ := strings.Cut(replayCommand{}.Help(), "\n\n")
	line, _, _ := strings.Cut(rest, "\n\n")
	text := done(t, bot(t, strings.ReplaceAll(line, "\n", " "), "replay", "--policy", "moveon"))
	if !strings.Contains(text, `"due":"2026-12-03`) && !strings.Contains(text, `"paused":true`) {
		t.Errorf("got %s", text)
	}
}

// Windows' line ends and byte order mark, a last line without an end, and one
// that is too long: none of them takes another line with it.
func TestReplayLines(t *testing.T) {
	ticket := func(id, text string) string {
		return fmt.Sprintf(`{"source":"zendesk","id":%q,"kind":"problem","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00","text":%q}`, id, text)
	}
	in := "\ufeff" + ticket("1", "") + "\r\n\r\n" + ticket("3", strings.Repeat("x", 5_000_000)) + "\n" +
		ticket("4", strings.Repeat("x", lines.Longest)) + "\n" + ticket("5", "")
	r := bot(t, in, "replay", "--policy", "moveon", "--now", "2026-11-30T10:00:00+01:00")
	var got []string
	for line := range strings.Lines(r.stdout) {
		var l struct {
			ID, Error string
			Line      int
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(l.ID, l.Line, l.Error))
	}
	if diff := cmp.Diff([]string{"10", "30", "4the line is longer than 32 MiB", "50"}, got); diff != "" || r.code != 1 {
		t.Errorf("exit %d (-want +got):\n%s", r.code, diff)
	}
}

// Ctrl-C ends a command that waits for a terminal at which nobody types.
func TestReplayInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	silence, quiet := io.Pipe()
	defer quiet.Close()
	var errs bytes.Buffer
	if code := run(ctx, []string{"replay", "--policy", "moveon"}, silence, io.Discard, &errs); code != 1 || errs.String() != "vigie: interrupted\n" {
		t.Errorf("got exit %d and %q", code, errs.String())
	}
}

// Batches go round between the cores; the verdicts come out in the order of the
// tickets all the same.
func TestReplayKeepsTheOrder(t *testing.T) {
	const n = 20*lines.Batch + 7
	var in strings.Builder
	for i := range n {
		fmt.Fprintf(&in, `{"source":"zendesk","id":"%d","kind":"problem","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00"}`+"\n", i)
	}
	i := 0
	for line := range strings.Lines(done(t, bot(t, in.String(), "replay", "--policy", "moveon", "--now", "2026-11-30T10:00:00Z"))) {
		if want := fmt.Sprintf(`{"source":"zendesk","id":"%d",`, i); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d: got %.60s, want %s…", i+1, line, want)
		}
		i++
	}
	if i != n {
		t.Errorf("got %d verdicts, want %d", i, n)
	}
}

// Nobody reads on: the reader and the workers end.
func TestReplayToAClosedPipe(t *testing.T) {
	line := `{"source":"zendesk","id":"1","kind":"problem","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00"}` + "\n"
	code := run(t.Context(), []string{"replay", "--policy", "moveon"}, strings.NewReader(strings.Repeat(line, 10*lines.Batch)), closedPipe{}, io.Discard)
	if code != 1 {
		t.Errorf("got exit %d, want 1", code)
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A line leaves nothing of itself in the next one: neither its events nor what
// its events said.
func TestReplayLinesAreApart(t *testing.T) {
	lines := []string{
		`{"source":"zendesk","id":"1","kind":"problem","priority":"urgent","tags":["a"],"fields":{"x":1},"created_at":"2026-11-30T09:00:00+01:00","events":[{"at":"2026-11-30T09:10:00+01:00","type":"reply","by":"agent","public":true},{"at":"2026-11-30T09:20:00+01:00","type":"status","to":"solved","by":"agent"},{"at":"2026-11-30T09:30:00+01:00","type":"tag","add":["workaround"]}]}`,
		`{"source":"zendesk","id":"2","kind":"problem","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00","events":[{"at":"2026-11-30T09:10:00+01:00","type":"reply"},{"at":"2026-11-30T09:20:00+01:00","type":"tag"}]}`,
		`{"source":"zendesk","id":"3","kind":"problem","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00","events":[{"at":"2026-11-30T09:10:00+01:00","type":"status","to":"solved","by":"agent"},{"at":"2026-11-30T09:20:00+01:00","type":"status","to":"open"}],"events":[{"at":"2026-11-30T09:40:00+01:00","type":"reply","by":"customer"}]}`,
		`{"source":"zendesk","id":"4","created_at":"nonsense","events":[{"at":"2026-11-30T09:10:00+01:00","type":"reply","by":"agent","public":true}]}`,
		`{"source":"zendesk","id":"5","kind":"problem","created_at":"2026-11-30T09:00:00+01:00"}`,
	}
	var alone, together strings.Builder
	for range 3 {
		for _, line := range lines {
			alone.WriteString(strings.Replace(bot(t, line, "replay", "--policy", "moveon", "--now", "2026-11-30T12:00:00+01:00").stdout, `"line":1`, `"line":0`, 1))
			together.WriteString(line + "\n")
		}
	}
	got := regexp.MustCompile(`"line":\d+`).ReplaceAllString(bot(t, together.String(), "replay", "--policy", "moveon", "--now", "2026-11-30T12:00:00+01:00").stdout, `"line":0`)
	if diff := cmp.Diff(alone.String(), got); diff != "" {
		t.Errorf("(-alone +together):\n%s", diff)
	}
}

// A line is read as encoding/json reads it, whatever is odd about it, but for an
// instant with an escaped letter in it, which encoding/json refuses.
func TestReplayReadsAsEncodingJSON(t *testing.T) {
	for _, line := range oddLines {
		readsAsEncodingJSON(t, []byte(line))
	}
}

func FuzzReplayLine(f *testing.F) {
	for _, line := range oddLines {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) { readsAsEncodingJSON(t, line) })
}

var oddLines = []string{
	`{"source":"zendesk","id":"1","created_at":"2026-11-30T09:00:00+01:00","events":[{"at":"2026-11-30T09:10:00.5Z","type":"tag","add":["a"],"remove":null}],"now":null}`,
	`{"ID":"1","Created_At":"2026-11-30T09:00:00Z","EVENTS":[{"AT":"2026-11-30T09:10:00Z","Type":"reply"}],"unknown":{"a":[1,{}]}}`,
	`{"id":"1","id":"2","events":[{"to":"a","by":"b"},{"to":"c"}],"events":[{"type":"status"}],"tags":["a","b"],"tags":["c"],"fields":{"a":1},"fields":{"b":2}}`,
	`{"id":"a\ud800b","text":"\u0000\ud83d\ude00 é","subject":"` + "\xff\xfe" + `"}`,
	`{"fields":{"a":1e400,"b":[1,"x",null,[true]],"c":null,"d":{"e":1},"":"x"}}`, `{"fields":null,"events":null,"tags":null,"created_at":null,"id":null,"attachments":null}`,
	`{"attachments":1.0}`, `{"attachments":1e2}`, `{"attachments":"1"}`, `{"attachments":99999999999999999999}`, `{"created_at":"2026-11-30T9:00:00Z"}`,
	`{"created_at":"2026-11-30T09:00:00,5Z"}`, `{"created_at":"2026-11-30T24:00:00Z"}`, `{"created_at":"2026-11-30T09:00:00+24:00"}`, `{"created_at":"\u0032026-11-30T09:00:00Z"}`, `{"created_at":"10000-11-30T09:00:00Z"}`,
	`{"issue":{"id":"9","solved_at":"2026-11-30T09:00:00Z"},"erased":{"at":"2026-11-30T09:00:00Z","answers":{"x":[{"at":1,"holds":true}]}}}`,
	`{"events":{"at":1}}`, `{"events":[1]}`, `{"events":[null,{}]}`, `{"public":1}`, `null`, ` {} `, `{}{}`, `{`, ``, `[]`, `"x"`, `{"id":"a` + "\n" + `b"}`, `{"id":"1",}`, `{'id':1}`, `{"id":01}`,
}

// readsAsEncodingJSON reads a line after another one, which must leave nothing in it.
func readsAsEncodingJSON(t *testing.T, line []byte) {
	t.Helper()
	var read lines.Reader
	if _, _, err := read.Ticket([]byte(oddLines[0]), time.Time{}); err != nil {
		t.Fatal(err)
	}
	got, now, err := read.Ticket(line, time.Time{})
	var want lines.Line
	if wantErr := json.Unmarshal(line, &want); wantErr != nil {
		if escaped := bytes.Contains(line, []byte(`\u`)); escaped && err == nil {
			return
		}
		if err == nil || err.Error() != lines.Unread(wantErr).Error() {
			t.Errorf("%q: got %v, want %v", line, err, lines.Unread(wantErr))
		}
		return
	}
	if err != nil {
		t.Fatalf("%q: got %v", line, err)
	}
	if diff := cmp.Diff(&want.Ticket, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%q (-want +got):\n%s", line, diff)
	}
	if want.Now == nil {
		want.Now = &time.Time{}
	}
	if !now.Equal(*want.Now) {
		t.Errorf("%q: got now %s, want %s", line, now, want.Now)
	}
}

// replayInput is n tickets of 20 events each over a month, as JSON lines.
func replayInput(n int) []byte {
	var b bytes.Buffer
	writeTickets(&b, n)
	return b.Bytes()
}

func writeTickets(w io.Writer, n int) {
	b := bufio.NewWriterSize(w, 1<<16)
	defer b.Flush()
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for i := range n {
		created := start.Add(time.Duration(i%20000) * 67 * time.Second)
		fmt.Fprintf(b, `{"source":"zendesk","id":"%d","kind":"problem","status":"open","priority":"high","group":"Support Berlin","requester":"claire@universite.example","language":"fr","subject":"Export","text":"Export. Bonjour, l'export des nominations ne marche plus depuis hier.","tags":["moveon"],"created_at":%q,"events":[`, i, created.Format(time.RFC3339))
		at := created
		for k := range 20 {
			at = at.Add(time.Duration(1+(i+k)%7) * 47 * time.Minute)
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, `{"at":%q,%s}`, at.Format(time.RFC3339), []string{
				`"type":"reply","by":"agent","public":true`, `"type":"status","to":"waiting_customer","by":"agent"`,
				`"type":"reply","by":"customer","public":true`, `"type":"status","to":"open","by":"customer"`,
			}[k%4])
		}
		b.WriteString("]}\n")
	}
}
