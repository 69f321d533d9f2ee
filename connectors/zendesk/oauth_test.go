package zendesk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vigie/connectors/contract"
	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
)

// byOAuth is a client of the desk's account that signs in as an OAuth client, over a
// vendor whose real clock goes on by so much at each request.
func (d *world) byOAuth(t *testing.T, secret func() string, each time.Duration) *zendesk.Client {
	var passed atomic.Int64
	d.Real = func() time.Time { return d.now.Add(time.Duration(passed.Load())) }
	vendor := d.Handler()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		passed.Add(int64(each))
		vendor.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	cfg := d.cfg
	cfg.URL, cfg.Email, cfg.Token = srv.URL, "", ""
	transport := &rest.Transport{Origin: srv.URL, Base: contract.Check(t), Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	cfg.OAuth = zendesk.NewOAuth(srv.URL, d.Tokens.ZendeskClient.ID, secret, transport)
	transport.Authorize, transport.Renew = cfg.OAuth.Authorize, cfg.OAuth.Renew
	return zendesk.New(cfg, transport.Client())
}

// tokens is how many tokens were asked for.
func (d *world) tokens() (n int) {
	for _, c := range d.Calls("zendesk") {
		if c.Path == "/oauth/tokens" {
			n++
		}
	}
	return n
}

func (d *world) clientSecret() string { return d.Tokens.ZendeskClient.Secret }

// all reads the export to its end.
func all(t *testing.T, c *zendesk.Client, since time.Time) (ids []string) {
	t.Helper()
	for cursor, more := "", true; more; {
		page, err := c.Changes(t.Context(), cursor, since)
		must(t, err)
		for _, change := range page.Changes {
			ids = append(ids, change.ID)
		}
		cursor, more = page.Cursor, page.More
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// A token that ends in the midst of a poll, of reading histories and of writing
// loses nothing, and does nothing twice.
func TestTokensThatEndInTheMidst(t *testing.T) {
	d := newDesk(t, nil)
	var ids []string
	for range 2500 { // three pages
		ids = append(ids, fmt.Sprint(d.open(t, sandbox.NewTicket{})))
	}
	d.now = d.now.Add(2 * time.Minute)
	slices.Sort(ids)
	client := d.byOAuth(t, d.clientSecret, 6*time.Minute) // tokens live for two hours
	if got := all(t, client, d.now.Add(-time.Hour)); !slices.Equal(got, ids) {
		t.Errorf("got %d of %d tickets", len(got), len(ids))
	}
	readings, err := client.Read(t.Context(), ids[:30])
	must(t, err)
	var edits []desk.Edit
	for _, r := range readings {
		if r.Err != nil || r.Gone {
			t.Fatalf("%s: got %v, gone %v", r.Ticket.ID, r.Err, r.Gone)
		}
		edits = append(edits, desk.Edit{ID: r.Ticket.ID, AddTags: []string{"priority_high"}})
	}
	results, err := client.Write(t.Context(), edits)
	must(t, errors.Join(append(results, err)...))
	tagged := 0
	for _, ticket := range d.z.Tickets() {
		if slices.Contains(ticket.Tags, "priority_high") {
			tagged++
		}
	}
	if tagged != 30 {
		t.Errorf("got %d tickets with the tag, want 30", tagged)
	}
	if n := d.tokens(); n < 2 {
		t.Errorf("got %d tokens: none has ended in the midst", n)
	}
}

// Many requests that meet a token that has ended have it renewed once.
func TestManyMeetAnEndedToken(t *testing.T) {
	d := newDesk(t, nil)
	client := d.byOAuth(t, d.clientSecret, 0)
	ask := func() {
		t.Helper()
		var waiting sync.WaitGroup
		for range 50 {
			waiting.Go(func() {
				if err := client.Check(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		waiting.Wait()
	}
	ask()
	d.now = d.now.Add(2*time.Hour + time.Second) // the vendor's clock, not ours
	ask()
	if n := d.tokens(); n != 2 {
		t.Errorf("got %d tokens, want the first and another one", n)
	}
	d.z.RevokeTokens()
	ask()
	if n := d.tokens(); n != 3 {
		t.Errorf("got %d tokens after they were revoked, want one more", n)
	}
}

// A new secret of the client takes effect at once; the old one is denied, not
// mistaken for a ticket that is gone.
func TestClientSecretChanges(t *testing.T) {
	d := newDesk(t, nil)
	id := fmt.Sprint(d.open(t, sandbox.NewTicket{}))
	secret := d.clientSecret()
	client := d.byOAuth(t, func() string { return secret }, 0)
	must(t, client.Check(t.Context()))
	d.z.RegenerateSecret("regenerated")
	d.z.RevokeTokens()
	_, err := client.Read(t.Context(), []string{id})
	var denied interface{ Denied() bool }
	if !errors.As(err, &denied) || !denied.Denied() || rest.Ambiguous(err) {
		t.Fatalf("got %v, want that the credentials are denied", err)
	}
	secret = "regenerated"
	readings, err := client.Read(t.Context(), []string{id})
	if err != nil || len(readings) != 1 || readings[0].Err != nil || readings[0].Gone {
		t.Errorf("got %+v, %v", readings, err)
	}
}
