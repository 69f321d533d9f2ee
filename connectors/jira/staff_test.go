package jira_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/sandbox"
)

// memory is a Staff that a test looks into.
type memory struct {
	staff map[string]bool
	again []string
}

func (m *memory) Staff(_ context.Context, accounts []string) (map[string]bool, error) {
	known := map[string]bool{}
	for _, a := range accounts {
		if m.staff[a] {
			known[a] = true
		}
	}
	return known, nil
}

func (m *memory) RememberStaff(_ context.Context, accounts []string) error {
	for _, a := range accounts {
		m.staff[a] = true
	}
	return nil
}

func (m *memory) ReadAgain(_ context.Context, accounts []string, _ time.Time) error {
	m.again = append(m.again, accounts...)
	return nil
}

// remembering is newDesk with a memory, and with groups if there are any.
func remembering(t *testing.T, o sandbox.JiraOptions, groups ...string) (*world, *memory) {
	m := &memory{staff: map[string]bool{}}
	d := newDeskOf(t, o, func(c *jira.Config) { c.Staff, c.StaffGroups = m, groups })
	d.Jira().AddUser(sandbox.JiraUser{Email: colleague, Name: "Ines", NoLicence: true})
	d.Jira().AddUser(sandbox.JiraUser{Email: lena, Name: "Lena", Groups: []string{"Helpdesk"}})
	return d, m
}

// asked is how often the site was asked who somebody is.
func (d *world) asked() (n int) {
	for _, c := range d.Calls("jira") {
		if strings.HasSuffix(c.Path, "/user") {
			n++
		}
	}
	return n
}

func onBoth(t *testing.T, test func(t *testing.T, o sandbox.JiraOptions)) {
	t.Run("Cloud", func(t *testing.T) { test(t, sandbox.JiraOptions{}) })
	t.Run("Data Center", func(t *testing.T) { test(t, sandbox.JiraOptions{DataCenter: true}) })
}

// With groups configured their members answer, and a licence alone is nothing: the
// customer may be a department with licences of its own.
func TestStaffByGroup(t *testing.T) {
	onBoth(t, func(t *testing.T, o sandbox.JiraOptions) {
		d, _ := remembering(t, o, "helpdesk")
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, nil)
		d.after(t, time.Minute, d.Jira().Comment(key, agent, "licensed, not of the desk", true))
		d.after(t, time.Minute, d.Jira().Comment(key, lena, "of the desk", true))
		if got, want := d.talk(t, key), "09:01 customer, 09:02 agent"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// One who has left stays staff for what he did, also after a restart, and the site
// is asked once a day at most.
func TestStaffOfThePast(t *testing.T) {
	onBoth(t, func(t *testing.T, o sandbox.JiraOptions) {
		d, _ := remembering(t, o)
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, nil)
		d.after(t, time.Minute, d.Jira().Comment(key, lena, "hello", true))
		d.after(t, time.Minute, d.Jira().Comment(key, colleague, "thanks", true))
		const want = "09:01 agent, 09:02 customer"
		for range 3 {
			if got := d.talk(t, key); got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
		if n := d.asked(); n != 2 {
			t.Errorf("asked %d times who they are, of each once", n)
		}
		d.Jira().EditUser(lena, func(u *sandbox.JiraUser) { u.Inactive, u.Groups = true, nil })
		d.after(t, 48*time.Hour, nil)
		d.Client = d.connect()
		if got := d.talk(t, key); got != want {
			t.Errorf("after she has left: got %q, want %q", got, want)
		}
	})
}

// What one issue shows of a person counts on the others, and those that were told
// before are read again.
func TestStaffShownElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, o sandbox.JiraOptions) {
		d, m := remembering(t, o)
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		other := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, nil)
		d.after(t, time.Minute, d.Jira().Comment(key, colleague, "hello", true))
		if got := d.talk(t, key); got != "09:01 customer" {
			t.Fatalf("got %q", got)
		}
		d.after(t, time.Minute, d.Jira().Comment(other, colleague, "to ourselves", false))
		d.read(t, other)
		if len(m.again) != 1 {
			t.Fatalf("%v are to be read again", m.again)
		}
		if got := d.talk(t, key); got != "09:01 agent" {
			t.Errorf("got %q", got)
		}
	})
}

// A site that doesn't say who people are proves nothing: what isn't shown to be the
// desk's word is no answer. One that can't say just now is asked later.
func TestStaffThatTheSiteDoesNotTell(t *testing.T) {
	d, _ := remembering(t, sandbox.JiraOptions{Lacks: []string{"USER_PICKER"}})
	key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
	d.after(t, time.Minute, nil)
	d.after(t, time.Minute, d.Jira().Comment(key, agent, "hello", true))
	if got := d.talk(t, key); got != "09:01 customer" {
		t.Errorf("got %q", got)
	}
	d.after(t, time.Minute, d.Jira().Assign(key, agent, agent))
	if got := d.talk(t, key); got != "09:01 agent" {
		t.Errorf("once she has the issue: got %q", got)
	}

	onBoth(t, func(t *testing.T, o sandbox.JiraOptions) {
		d, _ := remembering(t, o)
		key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		plain := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, d.Jira().Comment(key, agent, "hello", true))
		d.read(t, plain)
		d.away = "/user"
		readings, err := d.Read(t.Context(), []string{key, plain})
		if err == nil || len(readings) != 1 || readings[0].ID != plain {
			t.Errorf("got %+v, %v; want the one that needs nobody's name", readings, err)
		}
	})
}

// A comment that is deleted was said, and stays its author's when Jira can't tell
// any more who that was.
func TestCommentsThatWereRead(t *testing.T) {
	onBoth(t, func(t *testing.T, o sandbox.JiraOptions) {
		d, _ := remembering(t, o)
		j := d.Jira()
		key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
		d.after(t, time.Minute, nil)
		d.after(t, time.Minute, j.Comment(key, customer, "my password is …", true))
		d.after(t, time.Minute, j.Comment(key, lena, "we never ask for it", true))
		first := d.read(t, key)
		if len(first.Acts) != 2 {
			t.Fatalf("%d comments are to be kept", len(first.Acts))
		}
		for _, a := range first.Acts {
			if strings.Contains(a.Body, "password") || a.Ticket != key {
				t.Errorf("kept: %+v", a)
			}
		}
		d.after(t, time.Minute, errors.Join(j.DeleteComment(key, customer, 0)))
		j.EditUser(lena, func(u *sandbox.JiraUser) { u.Forgotten = true })
		readings, err := d.Tell(t.Context(), []desk.Ask{{ID: key, Acts: first.Acts}})
		if err != nil || len(readings) != 1 || readings[0].Ticket == nil || len(readings[0].Acts) != 0 {
			t.Fatalf("got %+v, %v", readings, err)
		}
		if got, want := spoken(readings[0].Ticket), "09:01 customer, 09:02 agent"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if text := readings[0].Ticket.Events[0].Text; text != "" {
			t.Errorf("words that were taken back: %q", text)
		}
	})
}

// All whom Cloud can't tell any more have one account: where one of them asks, none
// of them answers.
func TestFormerUsers(t *testing.T) {
	for name, tt := range map[string]struct {
		forgotten []string
		want      string
	}{
		"the agent":                  {[]string{lena}, "09:02 agent"},
		"the agent and the reporter": {[]string{lena, customer}, "09:02 customer"},
	} {
		t.Run(name, func(t *testing.T) {
			d, m := remembering(t, sandbox.JiraOptions{})
			j := d.Jira()
			key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer})
			d.after(t, time.Minute, nil)
			d.after(t, time.Minute, j.Comment(key, lena, "to ourselves", false))
			d.after(t, time.Minute, j.Comment(key, lena, "hello", true))
			for _, who := range tt.forgotten {
				j.EditUser(who, func(u *sandbox.JiraUser) { u.Forgotten = true })
			}
			if got := d.talk(t, key); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if m.staff["unknown"] {
				t.Error("everybody whom Cloud can't tell is remembered as staff")
			}
		})
	}
}
