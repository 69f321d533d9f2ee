package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// tty is a terminal, and what is shown on it once it is closed.
func tty(t *testing.T) (out *os.File, shown func() string) {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { control.Close() })
	var number, unlocked uint32
	for request, arg := range map[uintptr]*uint32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, control.Fd(), request, uintptr(unsafe.Pointer(arg))); e != 0 {
			t.Skip(e)
		}
	}
	out, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	read := make(chan string)
	go func() {
		var all strings.Builder
		buffer := make([]byte, 4096)
		for {
			n, err := control.Read(buffer)
			all.Write(buffer[:n])
			if err != nil { // the other end is closed
				read <- all.String()
				return
			}
		}
	}()
	return out, func() string { out.Close(); return strings.ReplaceAll(<-read, "\r\n", "\n") }
}

// What others have written doesn't command the terminal, whatever format it is shown
// in; a file gets it as it is.
func TestNothingCommandsTheTerminal(t *testing.T) {
	const odd = "a\x1b[2Jb\x1b]52;c;ZXZpbA==\x07c\u009b31md\u202ee\x1b]8;;http://evil.example\x1b\\f"
	vendor := httptest.NewServer(sandbox.New().Handler())
	defer vendor.Close()
	where := filepath.Join(t.TempDir(), "vigie.db")
	st, err := store.Open(t.Context(), where)
	must(t, err)
	created := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	must(t, st.Save(t.Context(), store.Row{Source: "zendesk", ID: "7", Ticket: &rules.Ticket{Source: "zendesk", ID: "7", Kind: "problem", Status: rules.Open, Priority: "urgent",
		CreatedAt: created, Subject: odd, Text: odd, Organization: odd, Group: odd, Requester: odd}}, nil, created))
	must(t, st.Close())
	d := configured(t, vendor.URL, where, "moveon", "")
	for _, args := range [][]string{
		{"report", "--format", "csv"}, {"report", "--format", "html"}, {"report", "--format", "json"}, {"report"},
		{"export", "--source", "zendesk"},
	} {
		args = append(args, "--config", d)
		if args[0] == "report" {
			args = append(args, "--from", "2026-11-01", "--to", "2026-11-30")
		}
		out, shown := tty(t)
		code := run(t.Context(), args, strings.NewReader(""), out, out)
		text := shown()
		text = strings.NewReplacer("\x1b[1m", "", "\x1b[31m", "", "\x1b[0m", "").Replace(text) // our own marks
		if code != 0 || !strings.Contains(text, "zendesk") {
			t.Fatalf("%v: exit %d: %s", args, code, text)
		}
		expectTame(t, strings.Join(args[:3], " "), text)
		r := bot(t, "", args...)
		if piped := r.stdout; args[0] == "export" && !strings.Contains(piped, `\u001b[2J`) || args[2] == "csv" && !strings.Contains(piped, "\x1b[2J") {
			t.Errorf("%v: a pipe isn't given the text as it is: %s", args, piped)
		}
	}
}

// A list of holidays that would be waited for, or never ends, is refused unread, with
// its line and what to write.
func TestHolidaysThatAreNoFile(t *testing.T) {
	dir := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe.ics"), 0o600))
	must(t, os.Mkdir(filepath.Join(dir, "folder.ics"), 0o700))
	must(t, os.Symlink("/dev/zero", filepath.Join(dir, "device.ics")))
	large, err := os.Create(filepath.Join(dir, "large.ics"))
	must(t, err)
	must(t, large.Truncate(1<<40))
	must(t, large.Close())
	text, err := os.ReadFile("testdata/acme.toml")
	must(t, err)
	for name, says := range map[string]string{"pipe": "is no regular file", "folder": "is no regular file", "device": "is no regular file", "large": "MB isn't read", "missing": "no such file"} {
		file := filepath.Join(dir, name+".toml")
		policy := strings.Replace(string(text), "holidays = [", fmt.Sprintf("holidays = [%q, ", name+".ics"), 1)
		must(t, os.WriteFile(file, []byte(policy), 0o600))
		done := make(chan result, 1)
		go func() { done <- bot(t, "", "check", "--policy", file) }()
		select {
		case r := <-done:
			if r.code != 2 || !strings.Contains(r.stderr, says) || !strings.Contains(r.stderr, ".toml:") || !strings.Contains(r.stderr, "write ") {
				t.Errorf("%s: got %+v", name, r)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%s is waited for", name)
		}
	}
}
