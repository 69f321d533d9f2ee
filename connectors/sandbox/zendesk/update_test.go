package zendesk_test

import (
	"testing"
	"time"

	"vigie/connectors/sandbox"
	"vigie/connectors/sandbox/sandboxtest"
)

func TestWriteThatChangesNothing(t *testing.T) {
	d, z, id := opened(t)
	d.pass(time.Hour)
	d.ok("PUT", "tickets/1.json", `{"ticket":{"priority":"high","tags":["vip","login"]}}`)
	d.ok("PUT", "tickets/1/tags.json", `{"tags":["vip"]}`)
	d.ok("PUT", "tickets/update_many.json", `{"tickets":[{"id":1,"remove_tags":["absent"],"priority":"high"}]}`)
	if got := z.Audits(id); got != 1 {
		t.Errorf("%d audits, want 1", got)
	}
	if got, _ := z.Ticket(id); !got.UpdatedAt.Equal(instant("2026-11-27T09:00:00Z")) {
		t.Errorf("updated at %s", got.UpdatedAt)
	}
}

func TestTriggerAndCustomFields(t *testing.T) {
	d, z, id := opened(t)
	due := z.AddField("Resolution due", "text")
	day := z.AddField("Due day", "date")
	area := z.AddField("Area", "tagger", "area_login", "area_mail")
	if due != 360001 {
		t.Fatalf("first field is %d", due)
	}
	if err := z.SetPriority(id, sandbox.Trigger, "urgent"); err != nil {
		t.Fatal(err)
	}
	audits := d.ok("GET", "tickets/1/audits.json", "")
	sandboxtest.Want(t, "trigger's author", audits.at("audits", 1, "author_id"), any(float64(-1)))
	sandboxtest.Want(t, "trigger's channel", audits.at("audits", 1, "via", "channel"), any("rule"))

	d.ok("PUT", "tickets/1.json", `{"ticket":{"custom_fields":[{"id":360001,"value":"2026-12-01T15:30:00Z"},{"id":360002,"value":"2026-12-01"},{"id":360003,"value":"area_login"}]}}`)
	got, _ := z.Ticket(id)
	sandboxtest.Want(t, "text", got.Field(due), `"2026-12-01T15:30:00Z"`)
	sandboxtest.Want(t, "date", got.Field(day), `"2026-12-01"`)
	sandboxtest.Want(t, "drop-down's tag", got.Tags, []string{"area_login", "login", "vip"})
	if err := z.RemoveTags(id, "amir@desk.example", "area_login"); err != nil {
		t.Fatal(err)
	}
	got, _ = z.Ticket(id)
	sandboxtest.Want(t, "drop-down without its tag", got.Field(area), "null")
	for field, value := range map[int64]any{day: "2026-12-01T15:30:00Z", area: "area_unknown"} {
		if err := z.SetField(id, "amir@desk.example", field, value); err == nil {
			t.Errorf("field %d took %v", field, value)
		}
	}
	if err := z.SetField(id, "amir@desk.example", due, ""); err != nil {
		t.Fatal(err)
	}
	got, _ = z.Ticket(id)
	sandboxtest.Want(t, "cleared", got.Field(due), "null")
	audits = d.ok("GET", "tickets/1/audits.json", "")
	last := audits.list("audits")[len(audits.list("audits"))-1].(map[string]any)
	sandboxtest.Want(t, "field's name", object(last).at("events", 0, "field_name"), any("360001"))
	sandboxtest.Want(t, "field's value", object(last).at("events", 0, "value"), nil)
}

func TestBulkUpdate(t *testing.T) {
	d, z, _ := opened(t)
	z.Create(sandbox.NewTicket{Subject: "Old", Body: "Old.", Status: "closed"})
	job := d.ok("PUT", "tickets/update_many.json", `{"tickets":[
		{"id":1,"additional_tags":["sla_x"],"remove_tags":["vip"],"priority":"urgent"},
		{"id":2,"additional_tags":["sla_x"]},
		{"id":99,"additional_tags":["sla_x"]},
		{"id":1,"additional_tags":["late"],"safe_update":true,"updated_stamp":"2026-11-27T08:59:00Z"}]}`)
	sandboxtest.Want(t, "queued", job.at("job_status", "status"), any("queued"))
	path := "job_statuses/" + job.at("job_status", "id").(string) + ".json"
	sandboxtest.Want(t, "working", d.ok("GET", path, "").at("job_status", "status"), any("working"))
	job = d.ok("GET", path, "")
	sandboxtest.Want(t, "completed", job.at("job_status", "status"), any("completed"))
	sandboxtest.Want(t, "results", job.at("job_status", "results"), any([]any{
		map[string]any{"index": 0.0, "id": 1.0, "action": "update", "status": "Updated", "success": true},
		map[string]any{"index": 1.0, "id": 2.0, "success": false, "error": "RecordInvalid", "details": "Status: closed prevents ticket update"},
		map[string]any{"index": 2.0, "id": 99.0, "success": false, "error": "RecordNotFound", "details": "Not found"},
		map[string]any{"index": 3.0, "id": 1.0, "success": false, "error": "UpdateConflict",
			"details": "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again."},
	}))
	got, _ := z.Ticket(1)
	sandboxtest.Want(t, "tags", got.Tags, []string{"login", "sla_x"})
	sandboxtest.Want(t, "priority", *got.Priority, "urgent")

	job = d.ok("PUT", "tickets/update_many.json?ids=1,2", `{"ticket":{"remove_tags":"sla_x"}}`)
	id := job.at("job_status", "id").(string)
	d.ok("GET", "job_statuses/show_many.json?ids="+id, "")
	jobs := d.ok("GET", "job_statuses/show_many.json?ids="+id, "")
	sandboxtest.Want(t, "first row", jobs.at("job_statuses", 0, "results", 0, "success"), any(true))
	sandboxtest.Want(t, "second row", jobs.at("job_statuses", 0, "results", 1, "success"), any(false))
}

func TestSingleWrites(t *testing.T) {
	d, z, id := opened(t)
	out := d.ok("PUT", "tickets/1.json", `{"ticket":{"comment":{"body":"For us only","public":false},"safe_update":true,"updated_stamp":"2026-11-27T09:00:00Z"}}`)
	sandboxtest.Want(t, "author", out.at("audit", "author_id"), any(900001.0))
	sandboxtest.Want(t, "note", out.at("audit", "events", 0, "public"), any(false))
	sandboxtest.Want(t, "tags added", d.ok("PUT", "tickets/1/tags.json", `{"tags":["sla_x"]}`).at("tags"), any([]any{"login", "sla_x", "vip"}))
	sandboxtest.Want(t, "tags removed", d.ok("DELETE", "tickets/1/tags.json", `{"tags":["sla_x","absent"]}`).at("tags"), any([]any{"login", "vip"}))
	status, out := d.call("POST", "tickets.json", `{"ticket":{"subject":"Help","comment":{"body":"Please"},"requester":{"email":"lea@acme.example","name":"Léa","locale":"fr"},"due_at":"2026-12-01T10:00:00Z","type":"task"}}`)
	sandboxtest.Want(t, "created", status, 201)
	sandboxtest.Want(t, "due", out.at("ticket", "due_at"), any("2026-12-01T10:00:00Z"))
	d.ok("PUT", "tickets/2.json", `{"ticket":{"type":"question"}}`)
	if got, _ := z.Ticket(2); got.DueAt != nil {
		t.Error("a question has a due date")
	}
	status, _ = d.call("DELETE", "tickets/1.json", "")
	sandboxtest.Want(t, "deleted", status, 204)
	status, _ = d.call("GET", "tickets/1.json", "")
	sandboxtest.Want(t, "gone", status, 404)
	if got, _ := z.Ticket(id); got.Status != "deleted" {
		t.Errorf("status %q after deletion", got.Status)
	}
	many := d.ok("GET", "tickets/show_many.json?ids=1,2,99", "")
	sandboxtest.Want(t, "show_many leaves out", many["count"], any(1.0))
}

func TestReopening(t *testing.T) {
	cases := []struct {
		status, by string
		public     bool
		want       string
	}{
		{"solved", "nadia@acme.example", true, "open"},
		{"pending", "nadia@acme.example", true, "open"},
		{"hold", "nadia@acme.example", true, "open"},
		{"new", "nadia@acme.example", true, "new"},
		{"solved", "amir@desk.example", true, "solved"},
		{"pending", "amir@desk.example", false, "pending"},
	}
	for _, c := range cases {
		t.Run(c.status+" "+c.by, func(t *testing.T) {
			_, z, id := opened(t)
			if err := z.SetStatus(id, "amir@desk.example", c.status); err != nil {
				t.Fatal(err)
			}
			if err := z.Reply(id, c.by, c.public, "Hello again"); err != nil {
				t.Fatal(err)
			}
			if got, _ := z.Ticket(id); got.Status != c.want {
				t.Errorf("got %s, want %s", got.Status, c.want)
			}
		})
	}
}

func TestCustomStatus(t *testing.T) {
	d, z, id := opened(t)
	waiting := z.AddStatus("open", "Waiting on engineering")
	if err := z.SetStatus(id, "amir@desk.example", "Waiting on engineering"); err != nil {
		t.Fatal(err)
	}
	got, _ := z.Ticket(id)
	sandboxtest.Want(t, "category", got.Status, "open")
	sandboxtest.Want(t, "custom status", got.CustomStatusID, waiting)
	sandboxtest.Want(t, "all", len(d.ok("GET", "custom_statuses.json", "").list("custom_statuses")), 6)
}
