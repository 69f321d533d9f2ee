package jira_test

import (
	"testing"

	"vigie/connectors/jira"
	"vigie/connectors/sandbox"
)

// What the reporter wrote himself is the ticket's text, and tells its language,
// whatever mail program it went through.
func TestMailOfAnIssue(t *testing.T) {
	const subject = "Export vide"
	for name, tt := range map[string]struct{ subject, description, text, language string }{
		"plain French": {subject, "Depuis ce matin, l'export ne contient aucune ligne.", "Depuis ce matin, l'export ne contient aucune ligne.", "fr"},
		"a quoted mail of Outlook": {subject, "C'est encore arrivé.\n\nDe : Léna Martin <lena@support.example>\nEnvoyé : vendredi 27 novembre 2026 16:30\nÀ : Claire Petit\nObjet : Export vide\n\nC'est réparé.",
			"C'est encore arrivé.", "fr"},
		"a quoted mail in bold": {subject, "C'est encore arrivé.\n\n*De :* Léna Martin <lena@support.example>\n*Envoyé :* vendredi 27 novembre 2026 16:30\n*À :* Claire Petit\n*Objet :* Export vide\n\nC'est réparé.",
			"C'est encore arrivé.", "fr"},
		"a German answer": {"AW: Export leer", "Heute früh schon wieder.\n\nAm 27.11.2026 um 16:30 schrieb Lena:\n> Es geht wieder.", "Heute früh schon wieder.", "de"},
		"a forwarded mail": {"TR: " + subject, "De : Omar Haddad <omar@acme.example>\nEnvoyé : vendredi 27 novembre 2026 16:30\nÀ : Claire Petit\nObjet : Export vide\n\nDepuis ce matin, l'export n'a aucune ligne.",
			"Depuis ce matin, l'export n'a aucune ligne.", "fr"},
		"a forwarded mail as a quotation": {"Fwd: Export is empty", "Can you help him?\n\nBegin forwarded message:\n\n{quote}\nFrom: Omar Haddad <omar@acme.example>\nSubject: Export is empty\nDate: 27 November 2026\n\nThe export has no rows since this morning.\n{quote}",
			"Can you help him?\n\nThe export has no rows since this morning.", "en"},
		"nothing but a quotation": {"Export", "{quote}The export has no rows since this morning.{quote}", "The export has no rows since this morning.", "en"},
		"nobody can tell":         {"Export", "SUP-12", "SUP-12", ""},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, d *world) {
				got := d.read(t, d.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: tt.subject, Description: tt.description, Reporter: customer})).Ticket
				if want := tt.subject + "\n" + tt.text; got.Text != want {
					t.Errorf("text: got %q, want %q", got.Text, want)
				}
				if got.Language != tt.language {
					t.Errorf("language: got %q, want %q", got.Language, tt.language)
				}
			})
		})
	}
}

func TestLanguageOfASource(t *testing.T) {
	d := newDeskOf(t, sandbox.JiraOptions{}, func(c *jira.Config) { c.Language = "fr" })
	for text, want := range map[string]string{"SUP-12": "fr", "The export has no rows since this morning.": "en"} {
		if got := d.read(t, d.Jira().Create(sandbox.NewIssue{Project: "SUP", Summary: "Export", Description: text, Reporter: customer})).Ticket; got.Language != want {
			t.Errorf("%q: got %q, want %q", text, got.Language, want)
		}
	}
}
