package pages

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"vigie/connectors/sandbox"
)

func jiraPage(v *view) error {
	p, err := jiraIssue(v)
	if err != nil {
		return err
	}
	return p.show("ticket.html", p)
}

func jiraAct(v *view) error {
	p, err := jiraIssue(v)
	if err != nil {
		return err
	}
	return p.done(p.act(), func(a act) error {
		j := v.Sandbox.Jira()
		if a.text != "" {
			if err := j.Comment(p.Ref, a.by, a.text, !a.note); err != nil {
				return err
			}
		}
		if a.status+a.priority+a.assignee == "" {
			return nil
		}
		return j.Update(p.Ref, a.by, sandbox.JiraUpdate{Status: a.status, Priority: a.priority, Assignee: a.assignee})
	})
}

// jiraIssue is the issue that the path names, as the one who was chosen sees it.
func jiraIssue(v *view) (*ticketPage, error) {
	j := v.Sandbox.Jira()
	i, ok := j.Issue(v.r.PathValue("ref"))
	if !ok {
		return nil, notThere
	}
	var agents []person
	names := map[string]string{}
	for _, u := range j.People() {
		names[u.Email] = cmp.Or(u.Name, u.Email)
		if !u.Customer && !u.NoLicence && u.Email != v.Sandbox.Tokens.Jira.Email {
			agents = append(agents, person{u.Email, names[u.Email]})
		}
	}
	name := func(email string) string { return cmp.Or(names[email], email) }
	p := &ticketPage{view: v, Vendor: "Jira", Ref: i.Key, Subject: i.Summary}
	p.seenBy(agents, person{i.Reporter, name(i.Reporter)})
	p.offer(i.Assignee, agents)
	p.Statuses, p.Priorities = choices(j.Offered("status"), i.Status), offered(j.Offered("priority"), i.Priority)
	p.add(v.W.Say("sandbox.status"), i.Status)
	p.add(v.W.Say("sandbox.priority"), cmp.Or(i.Priority, "–"))
	p.add(v.W.Say("sandbox.type"), cmp.Or(i.RequestType, i.Type))
	p.add(v.W.Say("sandbox.team"), i.Team)
	p.add(v.W.Say("sandbox.assignee"), cmp.Or(name(i.Assignee), "–"))
	p.add(v.W.Say("sandbox.requester"), name(i.Reporter))
	p.add(v.W.Say("sandbox.organization"), i.Organization)
	if p.Staff {
		p.add(v.W.Say("sandbox.tags"), strings.Join(i.Labels, ", "))
		for _, id := range slices.Sorted(maps.Keys(i.Fields)) {
			p.add(id, i.Fields[id])
		}
	}
	p.say(name(i.Reporter), sandbox.JiraComment{At: i.Created, Body: i.Description, Public: true})
	for _, c := range i.Comments {
		p.say(name(c.By), c)
	}
	return p, nil
}
