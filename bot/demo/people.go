package demo

import (
	"time"

	"vigie/connectors/sandbox"
)

// Furnish gives the sandbox the people, teams, fields and channels of the two
// companies that its tickets come from.
func Furnish(s *sandbox.Sandbox) {
	z := s.Zendesk()
	z.AddField("Update due", "text")            // 360001
	z.AddField("Resolution due", "text")        // 360002
	z.AddField("Resolution due (date)", "date") // 360003
	z.AddUser(sandbox.ZendeskUser{Email: nadia, Name: "Nadia Berger", Role: "agent"})
	z.AddUser(sandbox.ZendeskUser{Email: omar, Name: "Omar Haddad", Role: "agent"})
	z.AddUser(sandbox.ZendeskUser{Email: ravi, Name: "Ravi Kulkarni", Role: "agent"})
	z.AddAgent("agent@acme.example", "sandbox-agent-token")
	z.AddAgent("nadia@acme.example", "sandbox-nadia-token")
	z.AddAgent("ravi@acme.example", "sandbox-ravi-token")
	z.AddAgent("omar@acme.example", "sandbox-omar-token")
	z.AddGroup("Support Berlin")
	z.AddGroup("Support Pune")
	z.AddOrganization("Université d'Acme")
	j := s.Jira()
	j.AddProject("SUP", "Support")
	j.AddProject("DEV", "Development") // where moveon's incidents go
	j.AddStatus("En attente du fournisseur", "indeterminate")
	j.AddUser(sandbox.JiraUser{Email: "leo@acme.example", Name: "Léo Martin", TimeZone: "Europe/Paris", Locale: "fr_FR", Token: "sandbox-leo-token"})
	j.AddUser(sandbox.JiraUser{Email: "ines@ormes.example", Name: "Inès Roux", Customer: true, TimeZone: "Europe/Paris", Locale: "fr_FR"})
	j.AddUser(sandbox.JiraUser{Email: "tom@aeroport.example", Name: "Tom Baker", Customer: true, TimeZone: "Europe/Paris", Locale: "en_GB"})
	for _, kind := range []string{"Assistance technique", "Question générale", "Suggérer une amélioration"} {
		j.AddChoice("customfield_10010", kind)
	}
	for _, priority := range []string{"Haute", "Moyenne", "Faible"} {
		j.AddChoice("priority", priority)
	}
	k := s.Slack()
	k.AddChannel("support-sla")
	k.AddChannel("astreinte")
	k.AddChannel("support-meteorage")
	k.AddUser(nadia, "Nadia")
	k.AddUser(omar, "Omar")
	k.AddUser(ravi, "Ravi")
	k.AddUser(leo, "Léo Martin")
	k.AddGroup("@support-berlin", "Support Berlin", nadia, omar)
	k.AddGroup("@support-pune", "Support Pune", ravi)
}

// Seed puts a few tickets in, some hours old.
func Seed(s *sandbox.Sandbox, now time.Time) {
	z := s.Zendesk()
	z.Create(sandbox.NewTicket{Subject: "Portail indisponible", Body: "Bonjour,\nLe portail est inaccessible pour tous les candidats depuis ce matin.\nCordialement", Type: "incident",
		RequesterEmail: "claire@universite.example", RequesterLocale: "fr-FR", Group: "Support Berlin", Organization: "Université d'Acme", CreatedAt: now.Add(-3 * time.Hour)})
	asked := now.Add(-26 * time.Hour)
	question := z.Create(sandbox.NewTicket{Subject: "How do I export nominations?", Body: "Hello,\nwhere do I find the export of nominations?\nThanks", Type: "question",
		RequesterEmail: "sam@college.example", RequesterLocale: "en-GB", Group: "Support Berlin", CreatedAt: asked})
	// Zendesk's own SLA goes by all hours, and has an answer promised, too.
	began := []sandbox.ZendeskMetricEvent{{Type: "activate", At: asked}}
	z.SetSLA(question, sandbox.ZendeskSLA{Metric: "requester_wait_time", Stage: "active", BreachAt: asked.Add(72 * time.Hour), Target: 72 * 60, Events: began},
		sandbox.ZendeskSLA{Metric: "first_reply_time", Stage: "active", BreachAt: asked.Add(24 * time.Hour), Target: 24 * 60, Events: began})
	j := s.Jira()
	failed := now.Add(-30 * time.Minute)
	alerts := j.Create(sandbox.NewIssue{Project: "SUP", Type: "Service Request", RequestType: "Assistance technique", Summary: "Alertes foudre non reçues",
		Description: "Nous ne recevons plus aucune alerte foudre depuis 9 h.", Reporter: "ines@ormes.example", Channel: "portal", CreatedAt: failed})
	j.SetSLA(alerts, sandbox.JiraSLA{Name: "Time to first response", Ongoing: &sandbox.JiraCycle{Start: failed, Breach: failed.Add(4 * time.Hour), Goal: 4 * time.Hour, Elapsed: 30 * time.Minute}})
}
