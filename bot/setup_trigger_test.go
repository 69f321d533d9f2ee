package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// An account without ticket events has a webhook that a trigger calls. What is there
// of the two is adopted or mended, whatever has become of it, and a second run has
// nothing to do.
func TestSetupByTrigger(t *testing.T) {
	const body = `{"ticket_id": "{{ticket.id}}"}`
	const byTriggers = "conditional_ticket_events"
	var all strings.Builder
	for _, c := range []struct {
		name  string
		given func(d *office)
	}{
		{"nothing is there", func(*office) {}},
		{"a webhook of another name goes elsewhere", func(d *office) {
			d.s.Zendesk().AddWebhook("Old", "https://old.example/webhooks/zendesk", "active", byTriggers)
		}},
		{"a webhook that nobody calls", func(d *office) {
			d.s.Zendesk().AddWebhook("Ours", zendeskHook, "active", byTriggers)
		}},
		{"a webhook and a trigger that a person made", func(d *office) {
			hook := d.s.Zendesk().AddWebhook("Ours", zendeskHook, "active", byTriggers)
			d.s.Zendesk().AddTrigger("Tell Vigie", true, hook, body, "update_type is Create")
			d.s.Zendesk().AddTrigger("Tell Vigie more", true, hook, body, "update_type is Change")
		}},
		{"a person's trigger with conditions", func(d *office) {
			hook := d.s.Zendesk().AddWebhook("Ours", zendeskHook, "active", byTriggers)
			d.s.Zendesk().AddTrigger("Tell Vigie", true, hook, body, "status is solved")
		}},
		{"both are off", func(d *office) {
			hook := d.s.Zendesk().AddWebhook("Vigie zendesk", zendeskHook, "inactive", byTriggers)
			d.s.Zendesk().AddTrigger("Vigie zendesk", false, hook, body, "update_type is Change")
		}},
		{"both go elsewhere", func(d *office) {
			d.s.Zendesk().AddWebhook("Vigie zendesk", "https://old.example/webhooks/zendesk", "active", byTriggers)
			d.s.Zendesk().AddTrigger("Vigie zendesk", true, "01GONE", body, "update_type is Change")
		}},
		{"a trigger that doesn't name the ticket, and one that a person switched off", func(d *office) {
			hook := d.s.Zendesk().AddWebhook("Vigie zendesk", zendeskHook, "active", byTriggers)
			d.s.Zendesk().AddTrigger("Tell Vigie", true, hook, `{"status": "{{ticket.status}}"}`, "update_type is Change")
			d.s.Zendesk().AddTrigger("Tell Vigie", false, hook, body, "update_type is Change")
		}},
		{"a webhook on ticket events is off and goes elsewhere", func(d *office) {
			d.s.Options.Zendesk.NoTicketEvents = false
			d.s.Zendesk().AddWebhook("Vigie zendesk", "https://old.example/webhooks/zendesk", "inactive", zendeskEvents()...)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newOffice(t)
			d.s.Options.Zendesk.NoTicketEvents = true
			c.given(d)
			tell := func(what, out string) {
				out, _, _ = strings.Cut(out, "\nSource jira")
				fmt.Fprintf(&all, "== %s: %s\n%s\n", c.name, what, strings.TrimSpace(out))
			}
			signed := `webhook_secret = "env:ZENDESK_WEBHOOK_SECRET"`
			d.zendesk = signed
			check := func(what string) {
				_, answers, _ := strings.Cut(d.run("check", "--online").stdout, "\nAnswers\n")
				answers, _, _ = strings.Cut(answers, "  jira ")
				tell(what, answers)
			}
			d.run("setup", "--dry-run", "--fields", "none")
			if d.writes() > 0 {
				t.Fatal("a dry run changed something")
			}
			check("check")
			tell("setup --dry-run", done(t, d.run("setup", "--dry-run", "--fields", "none")))
			tell("setup", done(t, d.run("setup", "--fields", "none")))
			made := d.zendeskWrites()
			again := done(t, d.run("setup", "--fields", "none"))
			if d.zendeskWrites() != made {
				t.Error("a second run changed something")
			}
			if strings.Contains(again, "made   ") || strings.Contains(again, "mended  ") {
				t.Errorf("a second run says that it did something:\n%s", again)
			}
			check("check again")
			all.WriteString("\n")
		})
	}
	golden(t, "setup.trigger.txt", all.String())
}

// zendeskWrites are the changes that Zendesk was asked for.
func (d *office) zendeskWrites() (n int) {
	for _, c := range d.s.Calls("zendesk") {
		if c.Write {
			n++
		}
	}
	return n
}

// Where our account may make no triggers, what is left is told, and the webhook is
// there all the same.
func TestSetupMayMakeNoTrigger(t *testing.T) {
	d := newOffice(t)
	d.s.Options.Zendesk.NoTicketEvents, d.s.Options.Zendesk.NoTriggers = true, true
	r := d.run("setup", "--fields", "none", "--secrets", d.dir)
	out := strings.Join(strings.Fields(r.stdout), " ")
	for _, want := range []string{
		`made webhook "Vigie zendesk" to https://vigie.example/webhooks/zendesk, which a trigger calls: WEBHOOK`,
		`failed make trigger "Vigie zendesk": POST /api/v2/triggers.json: 403 Forbidden`,
		`take the token of an account that may manage triggers; or in Admin Center > Objects and rules > Business rules > Triggers, add a trigger "Vigie zendesk"`,
		`{"ticket_id": "{{ticket.id}}"}`,
		`secret is in zendesk-webhook-secret`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q isn't said in\n%s", want, r.stdout)
		}
	}
	if r.code != 1 {
		t.Errorf("exit %d", r.code)
	}
}

// What setup has made brings a changed ticket in, signed with the secret that it
// has kept: nothing polls here.
func TestTriggeredWebhookArrives(t *testing.T) {
	d := newOffice(t)
	d.s.Options.Zendesk.NoTicketEvents = true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	d.publicURL = "http://" + listener.Addr().String()
	d.s.Tokens.ZendeskWebhook = "the-vendor's-own"
	out := done(t, d.run("setup", "--secrets", filepath.Join(d.dir, "secrets")))
	d.zendesk = pasted(t, out, "zendesk")
	cfg, err := loadConfig(&program{ctx: t.Context(), stderr: &print.Veil{Out: io.Discard}}, d.write())
	must(t, err)
	st, err := store.Open(t.Context(), filepath.Join(d.dir, "vigie.db"))
	must(t, err)
	defer st.Close()
	log := slog.New(slog.DiscardHandler)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- wire(cfg, st, time.Now, false, log).server(cfg, log).Run(ctx, listener) }()

	z := d.s.Zendesk()
	first := z.Create(sandbox.NewTicket{Subject: "Portail indisponible", Body: "Rien ne va plus.", RequesterEmail: "claire@universite.example"})
	second := z.Create(sandbox.NewTicket{Subject: "Export", Body: "How?", RequesterEmail: "sam@college.example"})
	arrived := func(calls int, want ...int64) {
		t.Helper()
		if n, err := d.s.FlushWebhooks(t.Context(), sandbox.WebhookPlan{}); n != calls || err != nil {
			t.Fatalf("delivered %d, %v, want %d", n, err, calls)
		}
		changed, err := st.Changed(t.Context(), "zendesk", 10)
		must(t, err)
		var got []string
		for _, row := range changed {
			got = append(got, row.ID)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("changed are %s, want %d", got, want)
		}
	}
	arrived(2, first, second)
	must(t, z.SetStatus(second, "agent@acme.example", "solved"))
	arrived(1, first, second)
	stop()
	must(t, <-served)
}

// A refusal that has other reasons is said twice, and no trigger is made that would
// call nothing.
func TestSetupWhereNoWebhookIsTaken(t *testing.T) {
	d := newOffice(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/api/v2/webhooks" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error":"InvalidRequest","description":"the endpoint must be public"}`)
			return
		}
		d.s.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.zendeskURL = server.URL
	r := d.run("setup", "--fields", "none", "--secrets", d.dir)
	if r.code != 1 || strings.Count(r.stdout, "the endpoint must be public") != 2 || strings.Contains(r.stdout, "made            trigger") {
		t.Errorf("exit %d:\n%s", r.code, r.stdout)
	}
	if d.zendeskWrites() > 0 || !strings.Contains(r.stdout, `made            webhook "Vigie jira"`) {
		t.Errorf("%d writes to Zendesk:\n%s", d.zendeskWrites(), r.stdout)
	}
}
