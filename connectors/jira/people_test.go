package jira_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

const (
	colleague = "ines@globex.example" // the customer's
	lena      = "lena@acme.example"   // another agent
)

// talk is who said what on an issue, by what it was: "customer: hello".
func (d *world) talk(t *testing.T, key string) string {
	t.Helper()
	r := d.read(t, key)
	if r.Ticket == nil {
		t.Fatalf("got %+v", r)
	}
	return spoken(r.Ticket)
}

// spoken lists a ticket's public replies.
func spoken(ticket *rules.Ticket) string {
	var list []string
	for _, e := range ticket.Events {
		if e.Type == rules.ReplyEvent && e.Public {
			list = append(list, e.At.Format("15:04")+" "+e.By)
		}
	}
	return strings.Join(list, ", ")
}

// Only what is known to be the desk's word is an answer (issue 9, item 6).
func TestWhoAnswersARequest(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(d *world, j sandbox.Jira, key string) []error
		want string
	}{
		{"an agent, whom nothing on the issue shows", func(d *world, j sandbox.Jira, key string) []error {
			return []error{j.Comment(key, agent, "we look into it", true)}
		}, "09:01 agent"},
		{"a customer's colleague with an account like the agents', who is neither reporter nor participant", func(d *world, j sandbox.Jira, key string) []error {
			return []error{j.Comment(key, colleague, "here, too", true)}
		}, "09:01 customer"},
		{"one who took part then and doesn't any more", func(d *world, j sandbox.Jira, key string) []error {
			return []error{j.Update(key, agent, sandbox.JiraUpdate{Participants: []string{lena}}), j.Comment(key, lena, "me too", true),
				j.Update(key, agent, sandbox.JiraUpdate{Participants: []string{colleague}})}
		}, "09:02 customer"},
		{"the reporter, who was changed later", func(d *world, j sandbox.Jira, key string) []error {
			return []error{j.Update(key, agent, sandbox.JiraUpdate{Reporter: colleague}), j.Comment(key, colleague, "since Monday", true),
				j.Update(key, agent, sandbox.JiraUpdate{Reporter: customer}), j.Comment(key, colleague, "and still", true)}
		}, "09:02 customer, 09:04 customer"},
		{"an agent who reported what he was told on the phone, and then named the customer", func(d *world, j sandbox.Jira, key string) []error {
			return []error{j.Update(key, lena, sandbox.JiraUpdate{Reporter: lena}), j.Comment(key, lena, "as we said", true),
				j.Update(key, lena, sandbox.JiraUpdate{Reporter: customer})}
		}, "09:02 agent"},
		{"one without a licence who wrote to the team alone", func(d *world, j sandbox.Jira, key string) []error {
			return []error{j.Comment(key, colleague, "to ourselves", false), j.Comment(key, colleague, "hello", true)}
		}, "09:02 agent"},
		{"one without a licence who assigns", func(d *world, j sandbox.Jira, key string) []error {
			return []error{j.Assign(key, colleague, agent), j.Comment(key, colleague, "hello", true)}
		}, "09:02 agent"},
		{"an agent who has left, and was assignee", func(d *world, j sandbox.Jira, key string) []error {
			err := []error{j.Assign(key, agent, lena), j.Comment(key, lena, "hello", true), j.Assign(key, agent, agent)}
			j.EditUser(lena, func(u *sandbox.JiraUser) { u.Inactive = true })
			return err
		}, "09:02 agent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			both(t, func(t *testing.T, d *world) {
				d.Jira().AddUser(sandbox.JiraUser{Email: colleague, Name: "Ines", NoLicence: true})
				d.Jira().AddUser(sandbox.JiraUser{Email: lena, Name: "Lena"})
				step := func() { d.now = d.now.Add(time.Minute) }
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, RequestType: "Assistance technique"})
				d.Sandbox.OnChange = step
				step()
				if err := errors.Join(tt.act(d, d.Jira(), key)...); err != nil {
					t.Fatal(err)
				}
				d.Sandbox.OnChange = nil
				if got := d.talk(t, key); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// Who opened an issue, and whose choice its first priority is.
func TestWhoOpensAnIssue(t *testing.T) {
	for _, tt := range []struct {
		name            string
		creator, became string // became: the reporter, by the creator's hand
		opened, chosen  string
	}{
		{"the customer", "", "", "", ""},
		{"an agent for the customer", agent, "", "agent", "haute"},
		{"a customer whose issue is his colleague's now", "", colleague, "", ""},
		{"an app", "rules@acme.example", "", "automation", ""},
		{"an account that is listed", "importer@acme.example", "", "automation", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			both(t, func(t *testing.T, d *world) {
				if d.Options.Jira.DataCenter && strings.HasPrefix(tt.creator, "rules") {
					return // Data Center has no accounts of apps
				}
				d.Jira().AddUser(sandbox.JiraUser{Email: "rules@acme.example", App: true})
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, Creator: tt.creator, Priority: "Highest"})
				d.after(t, time.Minute, nil)
				if tt.became != "" {
					d.after(t, time.Minute, d.Jira().Update(key, agent, sandbox.JiraUpdate{Reporter: tt.became}))
				}
				got := d.read(t, key).Ticket
				if got.OpenedBy != tt.opened || got.Priority != tt.chosen {
					t.Errorf("opened by %q with priority %q, want %q and %q", got.OpenedBy, got.Priority, tt.opened, tt.chosen)
				}
			})
		})
	}
}

// What importers bring along with the dates of elsewhere belongs to the creation.
func TestImportedCommentsBelongToTheCreation(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		j := d.Jira()
		created := d.now
		key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		for n, who := range []string{customer, agent} {
			d.after(t, 0, j.ImportComment(key, who, "long ago", true, created.Add(time.Duration(n-30)*25*time.Hour)))
		}
		d.after(t, time.Minute, nil)
		d.after(t, time.Minute, j.Comment(key, customer, "any news?", true))
		if got, want := d.talk(t, key), "09:00 customer, 09:00 agent, 09:01 customer"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A priority of the site's own that no policy names is a person's choice.
func TestPrioritiesThatNoPolicyNames(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		for _, p := range []string{"Blocker", "Haute"} {
			d.after(t, time.Minute, d.Jira().SetPriority(key, agent, p))
		}
		var got []string
		for _, e := range d.read(t, key).Ticket.Events {
			got = append(got, e.To)
		}
		if want := "[Blocker jira:Haute]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}

// Calls and mails to a colleague's own address come in as labels.
func TestLabelsThatSayTheChannel(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		j := d.Jira()
		given := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, Creator: agent, Labels: []string{"Phone"}})
		asked := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, Labels: []string{"phone"}, Channel: "portal"})
		d.after(t, time.Minute, nil)
		d.after(t, time.Minute, j.AddLabels(asked, agent, "direct_mail"))
		d.after(t, time.Minute, j.RemoveLabels(asked, agent, "direct_mail"))
		if got := d.read(t, given).Ticket; got.Channel != "phone" {
			t.Errorf("labelled by an agent when it was opened: got %q", got.Channel)
		}
		ticket := d.read(t, asked).Ticket
		want := "web"
		if d.Options.Jira.DataCenter {
			want = "" // it doesn't tell
		}
		got := []string{ticket.Channel}
		for _, e := range ticket.Events {
			if e.Type == rules.ChannelEvent {
				got = append(got, e.By+" "+e.To)
			}
		}
		if all := fmt.Sprintf("[%s agent direct_mail agent %s]", want, want); fmt.Sprint(got) != all {
			t.Errorf("got %v, want %s: a customer's label says nothing", got, all)
		}
	})
}

// The portal's names, however they are written in the configuration.
func TestKindsWithoutCaseAndAccents(t *testing.T) {
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDeskOf(t, o, func(c *jira.Config) {
				c.Kinds = []desk.Kind{{From: "question generale", To: "question"}, {From: "SUGGÉRER UNE AMÉLIORATION", To: "suggestion"}}
			})
			for request, want := range map[string]string{"Question générale": "question", "Suggérer une amélioration": "suggestion", "Question": ""} {
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, RequestType: request})
				if got := d.read(t, key).Ticket.Kind; got != want {
					t.Errorf("%s: got kind %q, want %q", request, got, want)
				}
			}
		})
	}
}

// What the customer wrote later, and the files that he sent.
func TestWordsAndFilesOfCustomers(t *testing.T) {
	both(t, func(t *testing.T, d *world) {
		j := d.Jira()
		key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, Attachments: []string{"a.png"}})
		d.after(t, 0, j.Attach(key, customer, "b.png")) // as the portal does, a little later
		d.after(t, 10*time.Minute, nil)
		d.after(t, 10*time.Second, j.Attach(key, customer, "c.png", "d.png"))
		d.after(t, 10*time.Minute, j.Comment(key, customer, "It is *Firefox* 140", true))
		d.after(t, 10*time.Minute, j.Attach(key, agent, "ours.png"))
		d.after(t, 10*time.Minute, j.Comment(key, agent, "to you", true))
		d.after(t, 10*time.Minute, j.Attach(key, customer, "e.png"))
		d.after(t, 10*time.Minute, j.Detach(key, agent, "e.png"))
		ticket := d.read(t, key).Ticket
		got := []string{fmt.Sprint(ticket.Attachments)}
		for _, e := range ticket.Events {
			got = append(got, fmt.Sprintf("%s %s %q %d", e.Type, e.By, e.Text, e.Attachments))
		}
		want := `[2 reply customer "It is Firefox 140" 2 reply agent "" 0 reply customer "" 1]`
		if fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}
