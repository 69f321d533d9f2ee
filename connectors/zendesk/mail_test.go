package zendesk_test

import (
	"testing"

	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
)

// What the requester wrote himself is the ticket's text, whatever mail program it
// went through.
func TestMailOfATicket(t *testing.T) {
	d := newDesk(t, nil)
	for name, tt := range map[string]struct{ subject, body, text string }{
		"an answer below the quotation": {"Firefox", "On 27/11/2026 16:30, Lena wrote:\n> Which browser?\n\nFirefox 132.", "Firefox 132."},
		"a header on three lines":       {"x", "Oui.\n\nLe vendredi 27 novembre 2026 à 16:30, Lena,\nassistance\n<lena@support.example> a écrit :\nancien", "Oui."},
		"a telephone":                   {"x", "Même erreur.\n\nEnvoyé de mon iPhone", "Même erreur."},
		"Zendesk's own line":            {"x", "L'export est vide.\n\n##- Veuillez saisir votre réponse au-dessus de cette ligne -##\n\nVotre demande a été mise à jour.", "L'export est vide."},
		"a forwarded mail": {"WG: Export leer", "Bitte prüfen.\n\nVon: Omar <omar@acme.example>\nGesendet: Freitag, 27. November 2026 16:30\nAn: Nadia\nBetreff: Export leer\n\nDer Export hat keine Zeilen.",
			"Bitte prüfen.\n\nDer Export hat keine Zeilen."},
	} {
		t.Run(name, func(t *testing.T) {
			got := d.read(t, d.open(t, sandbox.NewTicket{Subject: tt.subject, Body: tt.body})).Ticket
			if want := tt.subject + "\n" + tt.text; got.Text != want {
				t.Errorf("got %q, want %q", got.Text, want)
			}
		})
	}
}

// The requester's locale goes first, however it is written; where Zendesk tells
// none, the text does, then the source's language.
func TestLanguageOfATicket(t *testing.T) {
	const german = "Seit heute früh sind keine Warnungen mehr gekommen."
	for name, tt := range map[string]struct{ locale, body, source, want string }{
		"upper case": {"FR", german, "", "fr"}, "underscore": {"fr_FR", german, "", "fr"}, "mixed": {"EN-gb", german, "", "en"}, "Canada": {"fr-CA", german, "", "fr"},
		"none that is a language": {"-", german, "fr", "de"}, "nor a text": {"-", "SUP-12", "FR", "fr"}, "nor a source's": {"-", "SUP-12", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, func(c *zendesk.Config, _ *world) { c.Language = tt.source })
			d.z.AddUser(sandbox.ZendeskUser{Email: "omar@globex.example", Locale: tt.locale})
			got := d.read(t, d.open(t, sandbox.NewTicket{Subject: "Export", Body: tt.body, RequesterEmail: "omar@globex.example"})).Ticket
			if got.Language != tt.want {
				t.Errorf("got %q, want %q", got.Language, tt.want)
			}
		})
	}
}
