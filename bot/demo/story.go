package demo

import (
	"fmt"
	"time"

	"vigie/connectors/sandbox"
	"vigie/rules/calendar"
)

// An Act is something that people, or the vendors' machines, do in the demo's
// story.
type Act struct {
	At     time.Time
	what   string
	outage bool // it makes a vendor fail or work again, which no snapshot holds
	do     func(*Demo) error
}

// The people of the story. All are invented.
const (
	nadia  = "nadia@acme.example" // MoveON support, Berlin
	omar   = "omar@acme.example"  // the same
	ravi   = "ravi@acme.example"  // MoveON support, Pune
	leo    = "leo@acme.example"   // METEORAGE support
	claire = "claire@universite.example"
	Sam    = "sam@college.example"
	ines   = "ines@ormes.example"
	Tom    = "tom@aeroport.example"
)

// The tickets of the story, by their subjects.
const (
	PortalDown   = "Portail inaccessible pour les candidats"
	Nominations  = "Staff cannot submit the nominations"
	systemDown   = "System down for everybody"
	transcripts  = "Impossible de finaliser les relevés de notes"
	loginAgain   = "Nobody can log in to the back office"
	handover     = "Application forms unreachable for all visitors"
	workaround   = "Le système est indisponible ce matin"
	darkMode     = "Please add a dark mode"
	saturday     = "Portal unavailable, deadline tonight"
	raised       = "Question sur l'export des candidatures"
	payments     = "Payments fail for all applicants"
	withdrawn    = "Doublon : portail inaccessible"
	training     = "Formation pour deux collègues"
	NoAlerts     = "Alertes foudre non reçues sur le parc des Ormes"
	nightOutage  = "No lightning data at the airport"
	mapSlow      = "La carte se charge lentement"
	untriaged    = "Rapport mensuel incomplet"
	lateStrikes  = "Impacts affichés avec retard"
	pdfMissing   = "PDF report lacks one day"
	phoned       = "Appel de M. Faure : accès au compte"
	quote        = "Demande de devis pour trois sites"
	betterLegend = "Une légende plus lisible"
)

// days of the story: the Friday before a weekend to the Wednesday after.
var days = map[string]string{"Fri": "2026-11-27", "Sat": "2026-11-28", "Sun": "2026-11-29", "Mon": "2026-11-30", "Tue": "2026-12-01", "Wed": "2026-12-02"}

// tell is the story, in order.
func tell() ([]Act, error) {
	zone, err := calendar.LoadZone("Europe/Paris")
	if err != nil {
		return nil, err
	}
	var story []Act
	add := func(a Act, when string) {
		at, parseErr := time.ParseInLocation("2006-01-02 15:04", days[when[:3]]+when[3:], zone)
		if parseErr != nil {
			err = parseErr
		}
		a.At = at
		story = append(story, a)
	}
	on := func(when, what string, do func(*Demo) error) { add(Act{what: what, do: do}, when) }
	outage := func(when, what string, do func(*Demo)) {
		add(Act{what: what, outage: true, do: func(d *Demo) error { do(d); return nil }}, when)
	}

	on("Fri 08:30", "The week's last day begins.", func(*Demo) error { return nil })
	on("Fri 09:00", "Claire reports an outage (FR, MoveON).", opens(sandbox.NewTicket{Subject: PortalDown, Type: "incident", Group: "Support Berlin",
		Body: "Bonjour,\nLe portail est inaccessible pour tous nos candidats depuis 8 h 30. J'ouvrais la page d'accueil, un message d'erreur 503 s'affiche, Firefox 132.\nMerci", RequesterEmail: claire, RequesterLocale: "fr-FR", Organization: "Université d'Acme"}))
	on("Fri 09:10", "Nadia sets it urgent.", sets(PortalDown, nadia, sandbox.ZendeskUpdate{Priority: "urgent"}))
	on("Fri 09:25", "Nadia answers in time.", sets(PortalDown, nadia, sandbox.ZendeskUpdate{Comment: "Nous avons trouvé la cause, la remise en service est en cours.", Status: "open"}))
	on("Fri 09:30", "A customer rings Léo: Jira, by phone.", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: phoned, Description: "Appel reçu au standard, accès au compte.", Reporter: ines, Channel: "phone"}))
	on("Fri 09:45", "Inès reports lost alerts (FR, METEORAGE).", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: NoAlerts, Description: "Aucune alerte reçue depuis ce matin alors que l'orage est sur le parc. L'exploitation est à l'arrêt.", Reporter: ines, Organization: "Parc éolien des Ormes", Channel: "portal"}))
	on("Fri 09:50", "Léo sets it haute.", alters(NoAlerts, leo, sandbox.JiraUpdate{Priority: "Haute", Assignee: leo}))
	on("Fri 10:20", "Léo answers within the hour.", says(NoAlerts, leo, "Bonjour, nous avons redémarré la passerelle d'alertes ; pouvez-vous confirmer ?"))
	on("Fri 10:30", "Solved.", sets(PortalDown, nadia, sandbox.ZendeskUpdate{Comment: "Le portail est de nouveau en service.", Status: "solved"}))
	on("Fri 11:00", "Sam's staff can't finish a key process (EN).", opens(sandbox.NewTicket{Subject: Nominations, Type: "problem", Group: "Support Berlin",
		Body: "Hello,\nour back-office staff cannot submit the nominations: after clicking on Submit the page shows an error. Chrome 130.\nRegards", RequesterEmail: Sam, RequesterLocale: "en-GB"}))
	on("Fri 11:05", "Nadia sets it high.", sets(Nominations, nadia, sandbox.ZendeskUpdate{Priority: "high"}))
	on("Fri 11:05", "", clocks(Nominations))
	outage("Fri 11:10", "Zendesk answers 429 for a while.", func(d *Demo) {
		d.Sandbox.Faults.FailNext("zendesk", 2, sandbox.Fault{Status: 429, RetryAfter: "1", Body: `{"error":"TooManyRequests"}`})
	})
	on("Fri 11:15", "A wish, not an incident.", opens(sandbox.NewTicket{Subject: darkMode, Type: "task", Tags: []string{"feature_request"}, Group: "Support Berlin", Body: "A dark mode would be lovely.", RequesterEmail: Sam, RequesterLocale: "en-GB"}))
	on("Fri 12:00", "Claire's colleagues are blocked (FR).", opens(sandbox.NewTicket{Subject: transcripts, Type: "problem", Group: "Support Berlin",
		Body: "Bonjour,\nle back-office ne peut pas finaliser les relevés de notes : le bouton reste grisé.\nCordialement", RequesterEmail: claire, RequesterLocale: "fr-FR"}))
	on("Fri 12:05", "Nadia sets it high, asks, and waits for the customer.", sets(transcripts, nadia, sandbox.ZendeskUpdate{Priority: "high", Comment: "Bonjour, avec quel navigateur et quelle version ?", Status: "pending"}))
	on("Fri 13:00", "This reads like a question for sales.", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: quote, Description: "Bonjour, pouvez-vous nous envoyer un devis pour trois sites supplémentaires ?", Reporter: ines, Channel: "portal"}))
	on("Fri 13:20", "Léo says by a label that it is: its words alone leave the clock running.", alters(quote, leo, sandbox.JiraUpdate{AddLabels: []string{"commercial"}}))
	on("Fri 13:30", "An idea for improvement.", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Suggérer une amélioration", Summary: betterLegend, Description: "Une légende plus grande sur la carte.", Reporter: Tom, Channel: "portal"}))
	on("Fri 14:00", "Nobody gives this one a priority.", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: untriaged, Description: "Le rapport mensuel ne contient que deux semaines.", Reporter: Tom, Channel: "portal"}))
	on("Fri 15:20", "System down (EN), and everybody is in a meeting.", opens(sandbox.NewTicket{Subject: systemDown, Type: "incident", Group: "Support Berlin",
		Body: "The whole system is down, nobody can work. I opened the home page, it shows error 502. Edge 131.", RequesterEmail: Sam, RequesterLocale: "en-GB"}))
	on("Fri 15:25", "Sam's other mail about the same.", opens(sandbox.NewTicket{Subject: withdrawn, Type: "incident", Group: "Support Berlin", Body: "Le portail est inaccessible pour tous.", RequesterEmail: claire, RequesterLocale: "fr-FR"}))
	on("Fri 16:20", "It was a duplicate: deleted.", func(d *Demo) error { return d.Sandbox.Zendesk().Delete(d.ticket(withdrawn)) })
	on("Fri 16:30", "A plain question before the weekend (FR).", opens(sandbox.NewTicket{Subject: raised, Type: "question", Group: "Support Berlin", Body: "Bonjour, où trouver l'export des candidatures ?", RequesterEmail: claire, RequesterLocale: "fr-FR"}))
	on("Fri 16:35", "Nadia sets it normal.", sets(raised, nadia, sandbox.ZendeskUpdate{Priority: "normal"}))
	on("Fri 16:40", "Training is a service: its targets hold.", opens(sandbox.NewTicket{Subject: training, Type: "task", Group: "Support Berlin", Body: "Bonjour, nous aimerions une formation.", RequesterEmail: claire, RequesterLocale: "fr-FR"}))
	on("Fri 16:40", "", clocks(training))
	on("Fri 17:10", "Tom at the airport, after hours (EN, METEORAGE).", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: nightOutage, Description: "No lightning data since 17:00, our ground crew is blind.", Reporter: Tom, Organization: "Aéroport d'Acme", Channel: "portal"}))
	on("Fri 17:30", "Léo, on call, sets it haute.", alters(nightOutage, leo, sandbox.JiraUpdate{Priority: "Haute", Assignee: leo}))
	on("Sat 04:30", "Léo answers, half an hour before the target.", says(nightOutage, leo, "The feed is back; please confirm."))
	on("Sat 11:00", "An urgent portal failure on Saturday (EN).", opens(sandbox.NewTicket{Subject: saturday, Type: "incident", Group: "Support Berlin", Body: "The portal is unavailable for all applicants. Error 500 on the start page, Safari 18.", RequesterEmail: Sam, RequesterLocale: "en-GB"}))
	on("Sat 12:00", "Nadia helps all the same: fulfilled at once.", sets(saturday, nadia, sandbox.ZendeskUpdate{Priority: "urgent", Comment: "It is back. We will follow up on Monday.", Status: "open"}))
	on("Sun 10:50", "Two that can wait reach METEORAGE on Sunday.", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: lateStrikes, Description: "Les impacts s'affichent avec dix minutes de retard sur la carte, l'application mobile fonctionne.", Reporter: ines, Channel: "portal"}))
	on("Sun 10:55", "Léo, on call, sets it moyenne.", alters(lateStrikes, leo, sandbox.JiraUpdate{Priority: "Moyenne", Assignee: leo}))
	on("Sun 11:10", "", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: pdfMissing, Description: "The monthly PDF report is missing one day of data.", Reporter: Tom, Channel: "portal"}))
	on("Sun 11:15", "And the other. Their warnings wait for Monday, 8:00.", alters(pdfMissing, leo, sandbox.JiraUpdate{Priority: "Moyenne", Assignee: leo}))
	on("Mon 08:20", "Léo answers both.", says(lateStrikes, leo, "Bonjour, le retard est corrigé."))
	on("Mon 08:25", "", says(pdfMissing, leo, "The report has been completed."))
	outage("Mon 08:55", "Slack is down.", func(d *Demo) { d.Sandbox.Faults.Down("slack", true) })
	on("Mon 09:00", "The system is down (FR).", opens(sandbox.NewTicket{Subject: workaround, Type: "incident", Group: "Support Berlin", Body: "Bonjour, le système est indisponible pour tout le monde. Page blanche au démarrage, Chrome 130.", RequesterEmail: claire, RequesterLocale: "fr-FR"}))
	on("Mon 09:02", "Nadia sets it urgent.", sets(workaround, nadia, sandbox.ZendeskUpdate{Priority: "urgent"}))
	on("Mon 09:05", "Nobody can log in (EN).", opens(sandbox.NewTicket{Subject: loginAgain, Type: "incident", Group: "Support Berlin", Body: "No access for any of our staff: the login page shows an error. Firefox 132.", RequesterEmail: Sam, RequesterLocale: "en-GB"}))
	on("Mon 09:06", "Nadia sets it urgent.", sets(loginAgain, nadia, sandbox.ZendeskUpdate{Priority: "urgent"}))
	on("Mon 09:10", "A slow map (FR, METEORAGE).", reports(sandbox.NewIssue{Project: "SUP", RequestType: "Assistance technique", Summary: mapSlow, Description: "La carte met une minute à se charger, mais l'ancien site fonctionne.", Reporter: ines, Channel: "portal"}))
	on("Mon 09:12", "Léo sets it moyenne.", alters(mapSlow, leo, sandbox.JiraUpdate{Priority: "Moyenne", Assignee: leo}))
	on("Mon 09:20", "Nadia follows up on Saturday's failure.", sets(saturday, nadia, sandbox.ZendeskUpdate{Comment: "The cause was a full disk; it is being enlarged.", Status: "pending"}))
	on("Mon 09:40", "Nadia answers two of them.", sets(loginAgain, nadia, sandbox.ZendeskUpdate{Comment: "We are restarting the login service."}))
	on("Mon 09:45", "", sets(workaround, nadia, sandbox.ZendeskUpdate{Comment: "Nous y travaillons."}))
	on("Mon 09:50", "Friday's outage gets its first word, too late.", sets(systemDown, nadia, sandbox.ZendeskUpdate{Priority: "urgent", Comment: "Sorry for the wait: it was the proxy, and is fixed.", Status: "open"}))
	on("Mon 10:00", "The question turns out to be urgent.", sets(raised, nadia, sandbox.ZendeskUpdate{Priority: "urgent"}))
	outage("Mon 10:15", "Slack is back.", func(d *Demo) { d.Sandbox.Faults.Down("slack", false) })
	on("Mon 10:30", "Sam's nominations get their update, after a warning.", sets(Nominations, nadia, sandbox.ZendeskUpdate{Comment: "The fix is being tested."}))
	on("Mon 10:40", "The raised question is answered.", sets(raised, nadia, sandbox.ZendeskUpdate{Comment: "L'export est dans Rapports > Candidatures.", Status: "solved"}))
	on("Mon 11:40", "The slow map gets its first word, too late.", says(mapSlow, leo, "Bonjour, nous avons trouvé la cause."))
	on("Mon 12:00", "Solved.", sets(loginAgain, nadia, sandbox.ZendeskUpdate{Comment: "Fixed, sorry for the trouble.", Status: "solved"}))
	on("Mon 13:00", "“Thank you!” reopens the ticket.", writes(loginAgain, Sam, "Thank you!"))
	on("Mon 13:10", "Nadia solves it again: it never was reopened.", sets(loginAgain, nadia, sandbox.ZendeskUpdate{Status: "solved"}))
	on("Mon 14:00", "Claire answers: the clock runs on.", writes(transcripts, claire, "Firefox 132, merci."))
	on("Mon 15:00", "Forms unreachable (EN).", opens(sandbox.NewTicket{Subject: handover, Type: "incident", Group: "Support Berlin", Body: "Visitors cannot reach the application forms at all: a blank page appears. Chrome 130.", RequesterEmail: Sam, RequesterLocale: "en-GB"}))
	on("Mon 15:05", "Nadia sets it urgent and answers.", sets(handover, nadia, sandbox.ZendeskUpdate{Priority: "urgent", Comment: "We are looking into it.", Status: "open"}))
	on("Mon 16:00", "A workaround: resolution is fulfilled.", sets(workaround, nadia, sandbox.ZendeskUpdate{Comment: "En attendant : passez par l'adresse de secours.", AddTags: []string{"workaround"}, Status: "open"}))
	on("Mon 16:30", "Friday's outage is solved.", sets(systemDown, nadia, sandbox.ZendeskUpdate{Comment: "Closing this one.", Status: "solved"}))
	on("Mon 16:40", "Transcripts: an update.", sets(transcripts, nadia, sandbox.ZendeskUpdate{Comment: "Correction prévue demain.", Status: "open"}))
	on("Mon 16:50", "Forms: the first cause.", sets(handover, nadia, sandbox.ZendeskUpdate{Comment: "We found the cause; my colleagues in Pune carry on tomorrow."}))
	on("Tue 09:30", "Handed over to Pune: their hours from here.", sets(handover, nadia, sandbox.ZendeskUpdate{Group: "Support Pune"}))
	on("Tue 09:45", "Pune's first word.", sets(handover, ravi, sandbox.ZendeskUpdate{Comment: "The fix is being rolled out."}))
	on("Tue 10:00", "The workaround fails: the clock runs again.", sets(workaround, nadia, sandbox.ZendeskUpdate{RemoveTags: []string{"workaround"}}))
	on("Tue 10:20", "An update on it.", sets(workaround, nadia, sandbox.ZendeskUpdate{Comment: "Le contournement ne suffit pas, nous corrigeons."}))
	on("Tue 11:00", "It is broken again: really reopened.", writes(loginAgain, Sam, "It is broken again since this morning."))
	on("Tue 11:15", "A restart is planned for the noon break.", sets(workaround, nadia, sandbox.ZendeskUpdate{Comment: "Redémarrage prévu à midi."}))
	on("Tue 11:40", "Nadia answers.", sets(loginAgain, nadia, sandbox.ZendeskUpdate{Comment: "Looking again.", Status: "open"}))
	on("Tue 12:00", "Transcripts: solved in time.", sets(transcripts, nadia, sandbox.ZendeskUpdate{Comment: "Corrigé.", Status: "solved"}))
	on("Tue 12:10", "", sets(loginAgain, nadia, sandbox.ZendeskUpdate{Comment: "A second cause found and removed.", Status: "solved"}))
	on("Tue 12:30", "", sets(workaround, nadia, sandbox.ZendeskUpdate{Comment: "Redémarrage fait, merci de vérifier.", Status: "pending"}))
	on("Tue 13:00", "Sam confirms; Saturday's failure is solved.", writes(saturday, Sam, "All fine since yesterday."))
	on("Tue 13:20", "", sets(saturday, nadia, sandbox.ZendeskUpdate{Comment: "Thank you; closing it.", Status: "solved"}))
	on("Tue 14:00", "The report is given a priority at last.", alters(untriaged, leo, sandbox.JiraUpdate{Priority: "Faible", Assignee: leo}))
	on("Tue 14:05", "", says(untriaged, leo, "The missing weeks are being added."))
	on("Tue 14:10", "Sam's applicants can't pay (EN).", opens(sandbox.NewTicket{Subject: payments, Type: "incident", Group: "Support Berlin", Body: "No applicant can pay. I opened the payment page and clicked on Pay: it shows error 500, for everybody. Firefox 132.", RequesterEmail: Sam, RequesterLocale: "en-GB"}))
	on("Tue 14:15", "Omar sets it urgent.", sets(payments, omar, sandbox.ZendeskUpdate{Priority: "urgent"}))
	on("Tue 14:50", "The team was called; Omar takes it with 👀 in Slack.", takes(payments, omar))
	on("Tue 15:20", "The target is missed, and Omar is called on: he answers.", sets(payments, omar, sandbox.ZendeskUpdate{Comment: "Sorry for the wait: the payment provider is down, and we are switching to the other one."}))
	on("Tue 15:50", "Solved.", sets(payments, omar, sandbox.ZendeskUpdate{Comment: "Payments work again.", Status: "solved"}))
	on("Wed 05:30", "Pune solves the forms.", sets(handover, ravi, sandbox.ZendeskUpdate{Comment: "The forms are reachable again.", Status: "solved"}))
	on("Wed 10:30", "Fixed for good.", sets(workaround, nadia, sandbox.ZendeskUpdate{Comment: "C'est corrigé.", Status: "solved"}))
	on("Wed 17:30", "The story ends.", func(*Demo) error { return nil })
	return story, err
}

// opens is a customer's ticket in Zendesk.
func opens(t sandbox.NewTicket) func(*Demo) error {
	return func(d *Demo) error {
		_, err := d.Sandbox.Zendesk().Open(t)
		return err
	}
}

// sets is what an agent does to a Zendesk ticket in one go.
func sets(subject, by string, u sandbox.ZendeskUpdate) func(*Demo) error {
	return func(d *Demo) error { return d.Sandbox.Zendesk().Update(d.ticket(subject), by, u) }
}

// writes is a customer's public reply in Zendesk.
func writes(subject, by, body string) func(*Demo) error {
	return func(d *Demo) error { return d.Sandbox.Zendesk().Reply(d.ticket(subject), by, true, body) }
}

// takes is a person's 👀 under the card of a Zendesk ticket.
func takes(subject, by string) func(*Demo) error {
	return func(d *Demo) error {
		slack, ref := d.Sandbox.Slack(), fmt.Sprintf("zendesk:%d", d.ticket(subject))
		for _, id := range slack.Channels() {
			for _, m := range slack.Messages(id) {
				if _, about := keyOf(m); about == ref && m.ThreadTS == "" {
					return slack.React(by, id, m.TS, "eyes")
				}
			}
		}
		return fmt.Errorf("slack has no card of %s", ref)
	}
}

// clocks has Zendesk's own SLA begin a clock: ten days of eight hours, whatever the
// priority, which is two weeks on the calendar of the story's end.
func clocks(subject string) func(*Demo) error {
	return func(d *Demo) error {
		for _, t := range d.Sandbox.Zendesk().Tickets() {
			if t.Subject == subject {
				return d.Sandbox.Zendesk().SetSLA(t.ID, sandbox.ZendeskSLA{Metric: "requester_wait_time", Stage: "active", BreachAt: t.CreatedAt.AddDate(0, 0, 14),
					Target: 10 * 8 * 60, BusinessHours: true, Events: []sandbox.ZendeskMetricEvent{{Type: "activate", At: t.CreatedAt}}})
			}
		}
		return fmt.Errorf("zendesk has no %q", subject)
	}
}

// reports is a customer's issue in Jira.
func reports(n sandbox.NewIssue) func(*Demo) error {
	return func(d *Demo) error {
		if d.Sandbox.Jira().Create(n) == "" {
			return fmt.Errorf("jira refused %q", n.Summary)
		}
		return nil
	}
}

// alters is what a person changes of an issue in one go.
func alters(summary, by string, u sandbox.JiraUpdate) func(*Demo) error {
	return func(d *Demo) error { return d.Sandbox.Jira().Update(d.issue(summary), by, u) }
}

// says is a person's public comment in Jira.
func says(summary, by, body string) func(*Demo) error {
	return func(d *Demo) error { return d.Sandbox.Jira().Comment(d.issue(summary), by, body, true) }
}

// ticket is the id of the Zendesk ticket with a subject.
func (d *Demo) ticket(subject string) int64 {
	for _, t := range d.Sandbox.Zendesk().Tickets() {
		if t.Subject == subject {
			return t.ID
		}
	}
	return 0
}

// issue is the key of the Jira issue with a summary.
func (d *Demo) issue(summary string) string {
	for _, i := range d.Sandbox.Jira().Issues() {
		if i.Summary == summary {
			return i.Key
		}
	}
	return ""
}
