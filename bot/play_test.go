package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// playedDemo is the demo with its story told: where the board is, and where the vendors.
func playedDemo(t *testing.T) (board, vendors string) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	read, write := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"demo", "--speed", "1e9", "--listen", "127.0.0.1:0"}, nil, write, write)
		write.Close()
	}()
	lines := bufio.NewScanner(read)
	for lines.Scan() {
		line := lines.Text()
		if a, found := strings.CutPrefix(line, "The board is at "); found {
			board = strings.TrimSuffix(a, "/")
		}
		if a, found := strings.CutPrefix(line, "Slack is at "); found {
			vendors, _, _ = strings.Cut(a, "/slack/")
		}
		if strings.HasPrefix(line, "The story is told") {
			break
		}
	}
	go io.Copy(io.Discard, read)
	t.Cleanup(func() {
		end()
		if code := <-done; code != 0 {
			t.Errorf("the demo ended with %d", code)
		}
	})
	if board == "" || vendors == "" {
		t.Fatal("the demo didn't say where its pages are")
	}
	return board, vendors
}

// When the story is told people play: a customer opens a ticket on the vendor's page, an
// agent makes it urgent, and Vigie sees both.
func TestDemoIsPlayed(t *testing.T) {
	board, vendors := playedDemo(t)
	const subject = "Nobody can print the letters"
	form := url.Values{"customer": {"zendesk sam@college.example"}, "subject": {subject}, "text": {"I opened the letters and clicked on Print: error 500. Firefox 132."}}
	resp, err := http.PostForm(vendors+"/sandbox/open", form)
	must(t, err)
	resp.Body.Close()
	page := resp.Request.URL // of the ticket that was opened
	if !strings.HasPrefix(page.Path, "/agent/tickets/") {
		t.Fatalf("the form leads to %s", page)
	}
	seen(t, board+"/?lang=en", subject)
	agent := url.Values{"as": {"nadia@acme.example"}}
	resp, err = http.PostForm(vendors+page.Path+"?"+agent.Encode(), url.Values{"priority": {"urgent"}})
	must(t, err)
	resp.Body.Close()
	seen(t, board+"/tickets/zendesk/"+strings.TrimPrefix(page.Path, "/agent/tickets/")+"?lang=en", "urgent", "chosen by a person")
}

// seen waits until a page says something.
func seen(t *testing.T, address string, texts ...string) {
	t.Helper()
	var body []byte
	for give := time.Now().Add(time.Minute); time.Now().Before(give); time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(address)
		must(t, err)
		body, err = io.ReadAll(resp.Body)
		must(t, err)
		resp.Body.Close()
		all := true
		for _, text := range texts {
			all = all && strings.Contains(string(body), text)
		}
		if all {
			return
		}
	}
	t.Fatalf("%s never says %q:\n%s", address, texts, body)
}
