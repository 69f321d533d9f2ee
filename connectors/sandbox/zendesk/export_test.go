package zendesk_test

import (
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

// since is an export's start well before everything.
const since = "incremental/tickets/cursor.json?start_time=1795000000"

func ids(o object, key, id string) (list []int) {
	for _, v := range o.list(key) {
		list = append(list, int(v.(map[string]any)[id].(float64)))
	}
	return list
}

func TestExportWithholdsTheLastMinute(t *testing.T) {
	d, z, id := opened(t)
	d.pass(59 * time.Second)
	page := d.ok("GET", since, "")
	sandboxtest.Want(t, "after 59 s", ids(page, "tickets", "id"), []int(nil))
	sandboxtest.Want(t, "end", page["end_of_stream"], any(true))
	d.pass(time.Second)
	page = d.ok("GET", page["after_url"].(string), "")
	sandboxtest.Want(t, "after 60 s", ids(page, "tickets", "id"), []int{1})
	sandboxtest.Want(t, "generated", page.at("tickets", 0, "generated_timestamp"), any(float64(instant("2026-11-27T09:00:00Z").Unix())))

	again := d.ok("GET", "incremental/tickets/cursor.json?cursor="+url.QueryEscape(page["after_cursor"].(string)), "")
	sandboxtest.Want(t, "nothing new", ids(again, "tickets", "id"), []int(nil))
	sandboxtest.Want(t, "same cursor", again["after_cursor"], page["after_cursor"])

	d.pass(time.Minute)
	if err := z.Touch(id); err != nil {
		t.Fatal(err)
	}
	d.pass(time.Minute)
	again = d.ok("GET", again["after_url"].(string), "")
	sandboxtest.Want(t, "touched by the system", ids(again, "tickets", "id"), []int{1})
	sandboxtest.Want(t, "updated_at stays", again.at("tickets", 0, "updated_at"), any("2026-11-27T09:00:00Z"))

	if err := z.Delete(id); err != nil {
		t.Fatal(err)
	}
	d.pass(time.Minute)
	again = d.ok("GET", again["after_url"].(string), "")
	sandboxtest.Want(t, "deleted", again.at("tickets", 0, "status"), any("deleted"))
	gone := d.ok("GET", since+"&exclude_deleted=true", "")
	sandboxtest.Want(t, "without deleted", ids(gone, "tickets", "id"), []int(nil))
}

func TestExportPages(t *testing.T) {
	d := newDesk(t)
	d.Options.Zendesk.ResendRows = 1
	z := d.Zendesk()
	for i := range 5 {
		z.Create(sandbox.NewTicket{Subject: fmt.Sprint("Ticket ", i+1), Body: "Hello", RequesterEmail: "nadia@acme.example"})
	}
	d.pass(time.Minute)
	if err := z.SetPriority(2, d.Tokens.Zendesk.Email, "low"); err != nil {
		t.Fatal(err)
	}
	d.pass(2 * time.Minute)
	want := [][]int{{1, 3}, {3, 4, 5}, {5, 2}}
	page := d.ok("GET", since+"&per_page=2&include=users", "")
	for i, rows := range want {
		if got := ids(page, "tickets", "id"); fmt.Sprint(got) != fmt.Sprint(rows) {
			t.Errorf("page %d: got %v, want %v", i+1, got, rows)
		}
		if got := page["end_of_stream"]; got != (i == 2) {
			t.Errorf("page %d: end_of_stream %v", i+1, got)
		}
		if len(page.list("users")) == 0 {
			t.Errorf("page %d has no users", i+1)
		}
		page = d.ok("GET", page["after_url"].(string), "")
	}
}

func TestExportLimit(t *testing.T) {
	d, _, _ := opened(t)
	d.Options.Zendesk.ExportLimit = 10
	real := instant("2026-11-27T09:00:00Z")
	d.Real = func() time.Time { return real }
	for range 10 {
		d.ok("GET", since, "")
	}
	resp := d.send(d.Tokens.Zendesk, "GET", since, "")
	resp.Body.Close()
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "60" {
		t.Errorf("got %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	real = real.Add(time.Minute)
	d.ok("GET", since, "")
}

func TestAccountLimit(t *testing.T) {
	d, _, _ := opened(t)
	d.Options.Zendesk.RequestsPerMinute = 2
	resp := d.send(d.Tokens.Zendesk, "GET", "users/me.json", "")
	resp.Body.Close()
	sandboxtest.Want(t, "remaining", resp.Header.Get("X-Rate-Limit-Remaining"), "1")
	d.ok("GET", "users/me.json", "")
	status, body := d.call("GET", "users/me.json", "")
	sandboxtest.Want(t, "status", status, 429)
	sandboxtest.Want(t, "error", body["error"], any("APIRateLimitExceeded"))
}

func TestTicketEvents(t *testing.T) {
	d, z, id := opened(t)
	d.pass(time.Minute)
	if err := z.Update(id, "amir@desk.example", sandbox.ZendeskUpdate{Priority: "urgent", AddTags: []string{"late"}, Comment: "Looking", Internal: true}); err != nil {
		t.Fatal(err)
	}
	d.pass(time.Minute)
	out := d.ok("GET", "incremental/ticket_events.json?start_time=1795000000&include=comment_events", "")
	sandboxtest.Want(t, "audits", len(out.list("ticket_events")), 2)
	second := object(out.list("ticket_events")[1].(map[string]any))
	sandboxtest.Want(t, "updater", second["updater_id"], any(900002.0))
	sandboxtest.Want(t, "comment", second.at("child_events", 0, "body"), any("Looking"))
	sandboxtest.Want(t, "not public", second.at("child_events", 0, "comment_public"), any(false))
	sandboxtest.Want(t, "priority", second.at("child_events", 1, "priority"), any("urgent"))
	sandboxtest.Want(t, "previous", second.at("child_events", 1, "previous_value"), any("high"))
	sandboxtest.Want(t, "tags", second.at("child_events", 2, "added_tags"), any([]any{"late"}))
	sandboxtest.Want(t, "end", out["end_of_stream"], any(true))
	next := d.ok("GET", "incremental/ticket_events.json?start_time="+strconv.Itoa(int(out["end_time"].(float64))), "")
	sandboxtest.Want(t, "from the end", len(next.list("ticket_events")), 1)
	sandboxtest.Want(t, "the way it came", second["via"], any("Web form"))
}

func TestSearch(t *testing.T) {
	d, z, _ := opened(t)
	z.Create(sandbox.NewTicket{Subject: "Done", Body: "Done.", Status: "solved", CreatedAt: instant("2026-11-20T09:00:00Z")})
	z.Create(sandbox.NewTicket{Subject: "Waiting", Body: "Hello", Status: "hold", CreatedAt: instant("2026-11-19T09:00:00Z"), Tags: []string{"vip"}})
	export := "search/export.json?filter%5Btype%5D=ticket&query="
	out := d.ok("GET", export+url.QueryEscape("status<solved"), "")
	sandboxtest.Want(t, "unsolved, oldest first", ids(out, "results", "id"), []int{3, 1})
	sandboxtest.Want(t, "type", out.at("results", 0, "result_type"), any("ticket"))
	first := d.ok("GET", export+url.QueryEscape("status<solved")+"&page%5Bsize%5D=1", "")
	sandboxtest.Want(t, "first page", ids(first, "results", "id"), []int{3})
	next := d.ok("GET", first.at("links", "next").(string), "")
	sandboxtest.Want(t, "second page", ids(next, "results", "id"), []int{1})
	sandboxtest.Want(t, "end", next.at("meta", "has_more"), any(false))
	out = d.ok("GET", "search.json?query="+url.QueryEscape("type:ticket status>=solved created>2026-11-01"), "")
	sandboxtest.Want(t, "solved", ids(out, "results", "id"), []int{2})
	out = d.ok("GET", "search.json?query="+url.QueryEscape("type:ticket status:hold tags:vip"), "")
	sandboxtest.Want(t, "waiting", ids(out, "results", "id"), []int{3})
	status, _ := d.call("GET", "search.json?query="+url.QueryEscape(`type:ticket group:"Support Berlin"`), "")
	sandboxtest.Want(t, "a term that isn't here", status, 422)
}

func TestTenThousandTickets(t *testing.T) {
	d := newDesk(t)
	z := d.Zendesk()
	for i := range 10_000 {
		if z.Create(sandbox.NewTicket{Subject: "Ticket", Body: "Hello", RequesterEmail: fmt.Sprintf("c%d@acme.example", i%50)}) == 0 {
			t.Fatal("refused")
		}
	}
	d.pass(time.Hour)
	n, pages := 0, 0
	page := d.ok("GET", since, "")
	for {
		n, pages = n+len(page.list("tickets")), pages+1
		if page["end_of_stream"] == true {
			break
		}
		page = d.ok("GET", page["after_url"].(string), "")
	}
	if n != 10_000 || pages != 10 {
		t.Errorf("%d tickets in %d pages, want 10000 in 10", n, pages)
	}
}
