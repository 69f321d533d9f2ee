package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/bot/print"
	"vigie/connectors/findings"
	"vigie/connectors/sandbox"
	"vigie/rules/policies"
)

const (
	zendeskHook = "https://vigie.example/webhooks/zendesk"
	jiraHook    = "https://vigie.example/webhooks/jira"
)

var jiraEvents = []string{"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated", "comment_deleted"}

// zendeskEvents are those that a webhook has to subscribe to.
func zendeskEvents() (events []string) {
	for _, name := range strings.Fields(`created comment_added comment_made_private status_changed custom_status_changed priority_changed
		type_changed form_changed group_assignment_changed agent_assignment_changed organization_changed requester_changed subject_changed
		tags_changed custom_field_changed task_due_at_changed marked_as_spam merged soft_deleted permanently_deleted undeleted comment_redacted attachment_redacted_from_comment description_changed`) {
		events = append(events, "zen:event-type:ticket."+name)
	}
	return events
}

// Each mistake that people make with the vendors, and what they are told of it.
// The exit code is 1 where something is wrong.
func TestCheckOnline(t *testing.T) {
	// serve is something else where a vendor should be, or before it.
	serve := func(t *testing.T, d *office, h http.HandlerFunc) string {
		http.DefaultTransport = d.usual
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	page := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>Sign in</title>")
	}
	signed := func(d *office) {
		d.zendesk, d.jira = `webhook_secret = "env:ZENDESK_WEBHOOK_SECRET"`, `webhook_secret = "env:JIRA_WEBHOOK_SECRET"`
	}
	const portal = `kinds = { "Assistance technique" = "assistance", "Question générale" = "question", "Suggérer une amélioration" = "suggestion", "Service Request" = "assistance", "Bug" = "assistance", "Incident" = "assistance", "Story" = "suggestion", "Task" = "question" }`
	all := map[string]*strings.Builder{"en": {}, "fr": {}}
	for _, c := range []struct {
		name  string
		code  int
		given func(t *testing.T, d *office)
	}{
		{"all is well", 0, func(t *testing.T, d *office) {
			d.publicURL = ""
			d.zendesk = `due_fields = { update = 360001, resolution = [360002, 360003] }`
			d.jira = "due_fields = { first_reply = \"customfield_10050\" }\nstatus = { \"Escalated\" = \"open\" }\n" + portal
		}},
		{"all is well on Data Center, and with webhooks", 0, func(t *testing.T, d *office) {
			d.s.Options.Jira.DataCenter, d.jiraEmail = true, "-"
			signed(d)
			d.jira += "\n" + portal
			d.s.Zendesk().AddWebhook("Vigie", zendeskHook, "active", zendeskEvents()...)
			d.s.Jira().AddWebhook("Vigie", jiraHook, "s", true, jiraEvents...)
		}},
		{"no webhooks yet", 0, func(*testing.T, *office) {}},
		{"wrong tokens", 1, func(t *testing.T, d *office) {
			d.signIn = ""
			t.Setenv("ZENDESK_TOKEN", "wrong")
			t.Setenv("JIRA_TOKEN", "wrong")
			t.Setenv("SLACK_BOT_TOKEN", "wrong")
		}},
		{"too few rights", 1, func(t *testing.T, d *office) {
			d.signIn, d.email = "", "agent@acme.example"
			t.Setenv("ZENDESK_TOKEN", "sandbox-agent-token")
			d.s.Options.Jira.NotAdmin, d.s.Options.Jira.Lacks = true, []string{"EDIT_ISSUES"}
			d.s.Options.Slack.Scopes = []string{"chat:write", "channels:read"}
		}},
		{"a project that isn't there, the bot not in its channel", 1, func(t *testing.T, d *office) {
			d.jira = "# the one above is replaced"
			d.s.Options.Jira.Lacks = []string{"BROWSE_PROJECTS"}
			must(t, d.s.Slack().Kick("#support-sla"))
			d.slack = "[[slack.routes]]\nwhen = \"not open_now\"\nchannel = \"#nowhere\"\n"
		}},
		{"all that Slack can do", 0, func(t *testing.T, d *office) {
			d.slack = everything
			d.furnishSlack("nadia@acme.example", "omar@acme.example", "lea@acme.example", "mo@acme.example")
		}},
		{"an app at Slack without half its scopes, and another's app token", 1, func(t *testing.T, d *office) {
			d.slack = everything
			d.furnishSlack("nadia@acme.example", "omar@acme.example", "lea@acme.example", "mo@acme.example")
			d.s.Options.Slack.Scopes = []string{"chat:write", "channels:read", "channels:history", "groups:read", "groups:history"}
			t.Setenv("SLACK_APP_TOKEN", "xapp-of-another")
		}},
		{"people and user groups that Slack doesn't know", 1, func(t *testing.T, d *office) {
			d.slack = everything
			d.furnishSlack("nadia@acme.example", "omar@acme.example")
			must(t, d.s.Slack().DisableGroup("@astreinte"))
			d.slack = strings.Replace(d.slack, "@leads", "@the-leads", 1)
		}},
		{"Slack calls by HTTP", 0, func(t *testing.T, d *office) {
			d.slack = "signing_secret = \"env:SLACK_SIGNING_SECRET\"\n"
			t.Setenv("SLACK_SIGNING_SECRET", d.s.Tokens.SlackSigning)
		}},
		{"Slack calls by HTTP, nowhere", 1, func(t *testing.T, d *office) {
			d.publicURL, d.slack = "", "signing_secret = \"env:SLACK_SIGNING_SECRET\"\n"
			t.Setenv("SLACK_SIGNING_SECRET", d.s.Tokens.SlackSigning)
		}},
		{"fields that aren't there, or of another type", 1, func(t *testing.T, d *office) {
			tagger := d.s.Zendesk().AddField("Tier", "tagger")
			d.zendesk = fmt.Sprintf("due_fields = { update = 999, resolution = %d }", tagger)
			d.jira = `due_fields = { first_reply = ["customfield_1", "customfield_10060"] }` + "\n" + `group = "customfield_2"`
		}},
		{"a field that is on no screen", 1, func(t *testing.T, d *office) {
			d.s.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: "ines@ormes.example"})
			d.jira = fmt.Sprintf("due_fields = { first_reply = [\"customfield_10050\", %q] }", d.makeJiraField())
		}},
		{"words that nothing maps, or that aren't there", 1, func(t *testing.T, d *office) {
			d.s.Zendesk().AddStatus("open", "Waiting on engineering")
			d.s.Zendesk().AddForm("Feature request")
			d.s.Zendesk().AddForm("Outage")
			d.zendesk = "status = { \"Paused\" = \"waiting_customer\" }\nkinds = { \"feature request\" = \"feature\" }"
			d.s.Jira().AddStatus("Chez le client", "indeterminate")
			d.jira = "status = { \"Parti\" = \"solved\" }\nkinds = { \"Bug\" = \"assistance\" }"
		}},
		{"priorities that no row names", 0, func(t *testing.T, d *office) {
			text, _ := policies.Read("moveon")
			d.zendeskPolicy = filepath.Join(t.TempDir(), "acme.toml")
			must(t, os.WriteFile(d.zendeskPolicy, []byte(strings.Replace(string(text), `zendesk = ["high"]`, `zendesk = ["urgent"]`, 1)), 0o600))
		}},
		{"priorities, request types and groups that nothing names, or that aren't there", 1, func(t *testing.T, d *office) {
			d.s.Jira().AddChoice("priority", "Blocker")
			for _, name := range []string{"Assistance technique", "Question générale", "Panne"} {
				d.s.Jira().AddChoice("customfield_10010", name)
			}
			d.jira = "staff_groups = [\"helpdesk\"]\nkinds = { \"assistance technique\" = \"assistance\", \"question generale\" = \"question\" }"
		}},
		{"a Jira that doesn't say who is an agent", 0, func(t *testing.T, d *office) { d.s.Options.Jira.Lacks = []string{"USER_PICKER"} }},
		{"webhooks that are missing", 1, func(t *testing.T, d *office) { signed(d) }},
		{"webhooks that go elsewhere", 1, func(t *testing.T, d *office) {
			signed(d)
			d.s.Zendesk().AddWebhook("Old", "https://old.example/webhooks/zendesk", "active", "zen:event-type:ticket.created")
			d.s.Jira().AddWebhook("Old", "https://old.example/webhooks/jira", "s", true, jiraEvents...)
		}},
		{"webhooks that are off, or tell too little, or are signed otherwise", 1, func(t *testing.T, d *office) {
			signed(d)
			t.Setenv("ZENDESK_WEBHOOK_SECRET", "another")
			d.s.Zendesk().AddWebhook("Vigie", zendeskHook, "active", "zen:event-type:ticket.created", "zen:event-type:ticket.status_changed")
			d.s.Jira().AddWebhook("Vigie", jiraHook, "s", false, jiraEvents...)
		}},
		{"a trigger's webhook, switched off", 1, func(t *testing.T, d *office) {
			signed(d)
			d.s.Zendesk().AddWebhook("Vigie", zendeskHook, "inactive", "conditional_ticket_events")
			d.s.Jira().AddWebhook("Vigie", jiraHook, "s", true, "jira:issue_created")
		}},
		{"issues for the technical team", 0, func(_ *testing.T, d *office) { d.zendesk = `escalate_to = "jira"` }},
		{"issues for a technical team that doesn't let us", 1, func(t *testing.T, d *office) {
			d.zendesk = `escalate_to = "jira"`
			d.s.Options.Jira.Lacks = []string{"CREATE_ISSUES", "LINK_ISSUES"}
		}},
		{"a clock that is off", 1, func(t *testing.T, d *office) {
			d.s.Real = func() time.Time { return time.Now().Add(-47 * time.Second) }
		}},
		{"an address with a page's path", 1, func(t *testing.T, d *office) {
			d.zendeskURL, d.jiraURL = d.url+"/agent/dashboard", d.url+"/browse/SUP-1"
		}},
		{"an address that has moved, one without its context path", 1, func(t *testing.T, d *office) {
			d.zendeskURL = serve(t, d, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://acme-support.zendesk.example"+r.URL.Path, http.StatusMovedPermanently)
			})
			inner := http.StripPrefix("/jira", d.s.Handler())
			d.jiraURL = serve(t, d, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/jira/") {
					inner.ServeHTTP(w, r)
					return
				}
				page(w)
			})
		}},
		{"a login page before it", 1, func(t *testing.T, d *office) {
			d.zendeskURL = serve(t, d, func(w http.ResponseWriter, r *http.Request) { page(w) })
			d.jiraURL = d.zendeskURL
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newOffice(t)
			c.given(t, d)
			for language, heading := range map[string]string{"en": "Answers", "fr": "Réponses"} {
				r := d.run("check", "--online", "--lang", language)
				if r.code != c.code {
					t.Errorf("exit %d: %s", r.code, r.stderr)
				}
				for _, name := range []string{"zendesk", "jira", "slack"} {
					if !strings.Contains(r.stderr, "asking "+name+" at http") {
						t.Errorf("nobody is told that %s is being asked: %s", name, r.stderr)
					}
				}
				_, answers, _ := strings.Cut(r.stdout, "\n"+heading+"\n")
				for address, name := range map[string]string{d.zendeskURL: "http://zendesk", d.jiraURL: "http://jira"} {
					if address != "" {
						answers = strings.ReplaceAll(answers, address, name)
					}
				}
				_, failed, _ := strings.Cut(r.stderr, "vigie: ")
				fmt.Fprintf(all[language], "== %s\n%s%s\n", c.name, answers, failed)
			}
		})
	}
	golden(t, "check.online.txt", all["en"].String())
	golden(t, "check.online.fr.txt", all["fr"].String())
}

// everything is what a configuration can ask of Slack.
const everything = `app_token = "env:SLACK_APP_TOKEN"
teams = { "Support Berlin" = "@support-berlin" }
[[people]]
slack = "nadia@acme.example"
zendesk = "nadia.k@acme.example"
[[oncall]]
name = "support"
zone = "Europe/Paris"
people = ["nadia.k@acme.example", "omar@acme.example"]
since = "2026-11-30 08:00"
group = "@astreinte"
overrides = [{ from = "2020-12-24 08:00", to = "2020-12-26 08:00", who = "gone@acme.example" }, { from = "2099-12-24 08:00", to = "2099-12-26 08:00", who = "lea@acme.example" }]
[[calls]]
when = 'priority == "urgent"'
steps = [{ at = "warning", call = ["assignee", "mo@acme.example"] }, { at = "breach", call = ["team", "@leads", "#support-sla"] }, { after = "15 minutes", call = ["oncall:support"] }]
`

// furnishSlack gives Slack people, the groups that everything names, and the program
// the app's token.
func (d *office) furnishSlack(people ...string) {
	d.t.Helper()
	for _, who := range people {
		d.s.Slack().AddUser(who, who)
	}
	for _, group := range []string{"@astreinte", "@leads", "@support-berlin"} {
		_, err := d.s.Slack().AddGroup(group, group, people[0])
		must(d.t, err)
	}
	d.s.Options.Slack.SocketMode = true
	d.t.Setenv("SLACK_APP_TOKEN", d.s.Tokens.SlackApp)
}

// makeJiraField has an administrator make a field, and forget the screens.
func (d *office) makeJiraField() (id string) {
	d.t.Helper()
	const kind = "com.atlassian.jira.plugin.system.customfieldtypes:datetime"
	req, err := http.NewRequest("POST", d.url+"/rest/api/3/field", strings.NewReader(fmt.Sprintf(`{"name":"Due","type":%q,"searcherKey":%q}`, kind, kind+"range")))
	must(d.t, err)
	req.SetBasicAuth(d.s.Tokens.Jira.Email, d.s.Tokens.Jira.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	must(d.t, err)
	defer resp.Body.Close()
	var made struct{ ID string }
	must(d.t, json.NewDecoder(resp.Body).Decode(&made))
	return made.ID
}

// All vendors are asked at the same time: here Zendesk answers only once Jira has
// been asked.
func TestCheckOnlineAsksSideBySide(t *testing.T) {
	d := newOffice(t)
	asked := make(chan bool)
	var once sync.Once
	zendesk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-asked
		d.s.Handler().ServeHTTP(w, r)
	}))
	defer zendesk.Close()
	jira := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(asked) })
		d.s.Handler().ServeHTTP(w, r)
	}))
	defer jira.Close()
	d.zendeskURL, d.jiraURL = zendesk.URL, jira.URL
	done(t, d.run("check", "--online"))
}

// A vendor that is slow is waited for aloud.
func TestAwait(t *testing.T) {
	heard, speak := io.Pipe()
	answer, got := make(chan []findings.Finding, 1), make(chan []findings.Finding)
	go func() { got <- await(&program{stderr: &print.Veil{Out: speak}}, "zendesk", answer, time.Millisecond) }()
	line, err := bufio.NewReader(heard).ReadString('\n')
	if err != nil || line != "zendesk: no answer yet after 1ms, of 30s at most\n" {
		t.Errorf("heard %q, %v", line, err)
	}
	answer <- []findings.Finding{{Text: "here"}}
	go io.Copy(io.Discard, heard)
	if found := <-got; len(found) != 1 || found[0].Text != "here" {
		t.Errorf("got %v", found)
	}
}
