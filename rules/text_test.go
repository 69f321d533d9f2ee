package rules

import (
	"strings"
	"testing"
)

func TestHas(t *testing.T) {
	for _, c := range []struct {
		text, phrase string
		want         bool
	}{
		{"Le Portail est INACCESSIBLE.", "portail est inaccessible", true},
		{"problème d’accès", "probleme d'acces", true},
		{"l'accès", "l acces", true},
		{"L\u2019acce\u0300s", "l'accès", true}, // accents of their own
		{"back-office", "back office", true},
		{"back\u00a0office", "back-office", true},
		{"ne fonctionne\nplus", "ne fonctionne plus", true},
		{"cœur de métier, Straße", "coeur", true},
		{"Straße", "strasse", true},
		{"indisponibles", "indisponible", false}, // whole words
		{"indisponibles", "indisponib*", true},
		{"un bug", "bu*", true},
		{"bug", "bugs*", false},
		{"systems down", "system down", false},
		{"The system. Down there", "system down", false}, // not over the end of a sentence
		{"the system, down", "system down", false},
		{"the \"system\" (down)", "system down", true},
		{"I can't log in", "cannot log in", true},
		{"I can’t log in", "can not log in", true},
		{"it doesnt load", "doesn't load", true},
		{"we won't", "will not", true},
		{"I want a pint of paint", "pai not", false},
		{"Le portail des candidats est totalement inaccessible", "portail … inaccessible", true},
		{"Le portail des candidats est totalement inaccessible", "portail ... inaccessib*", true},
		{"Le portail un deux trois quatre cinq six inaccessible", "portail … inaccessible", false},
		{"Le portail va bien. Le rapport est inaccessible", "portail … inaccessible", false},
		{"https://acme.example/portail inaccessible", "portail inaccessible", true},
		{"erreur 503", "erreur 50*", true},
		{"Le site, malgré tout, est inaccessible", "site … inaccessible", false}, // not over a comma
		{"Portail candidats : inaccessible", "portail … inaccessible", true},
		{"Le site est inaccessible", "portail|site est inaccessible|indisponib*", true},
		{"Le site est indisponible", "portail|site est inaccessible|indisponib*", true},
		{"Le serveur est indisponible", "portail|site est inaccessible|indisponib*", false},
		{"", "x", false},
		{"x", "", false},
		{"x", "…", false},
	} {
		if got := Prepare(c.text).Has(c.phrase); got != c.want {
			t.Errorf("Has(%q, %q) = %v, want %v", c.text, c.phrase, got, c.want)
		}
	}
}

func TestAffirms(t *testing.T) {
	for _, c := range []struct {
		text, phrase string
		want         bool
	}{
		// French denials
		{"Le portail est indisponible", "indisponible", true},
		{"Le portail n'est plus indisponible", "indisponible", false},
		{"Le portail n’est plus du tout indisponible", "indisponible", false},
		{"Ce n'est pas urgent", "urgent", false},
		{"c'est pas urgent", "urgent", false},
		{"pas urgent", "urgent", false},
		{"Rien d'urgent", "urgent", false},
		{"aucun blocage", "blocage", false},
		{"Aucun problème bloquant", "bloquant", false},
		{"sans urgence", "urgence", false},
		{"sans caractère d'urgence", "urgence", false},
		{"Anomalie non bloquante", "bloquante", false},
		{"ni urgent ni bloquant", "bloquant", false},
		{"Ce n'est ni urgent ni bloquant", "bloquant", false},
		{"Aucun candidat n'est bloqué", "bloqué", false},
		{"personne n'est bloqué", "bloqué", false},
		{"jamais bloqué", "bloqué", false},
		{"ça bloque pas", "bloque", false},
		{"Je ne pense pas que ce soit urgent", "urgent", false},
		{"Cela ne veut pas dire que c'est urgent", "urgent", false},
		{"Bloquant : non", "bloquant", false},
		{"Urgent ? Non, merci", "urgent", false},
		{"Bloquant : oui", "bloquant", true},
		{"Bloquant : non résolu", "bloquant", true},

		// a denial within the phrase is its own
		{"On ne peut pas accéder au portail", "ne peut pas accéder", true},
		{"On ne peut pas accéder au portail", "peut pas accéder", true},
		{"On ne peut pas accéder au portail", "accéder", false},
		{"Cela ne fonctionne plus", "ne fonctionne plus", true},
		{"Cela ne fonctionne plus", "fonctionne plus", true},
		{"Cela ne fonctionne plus", "fonctionne", false},
		{"Personne ne peut accéder au portail", "ne peut accéder", true},
		{"Aucun utilisateur ne peut se connecter", "aucun utilisateur … connecter", true},
		{"We can't log in", "can't log in", true},
		{"We can't log in", "log in", false},

		// English denials
		{"The system is no longer down", "down", false},
		{"The system isn't down", "down", false},
		{"The system isn’t down", "down", false},
		{"It is not urgent at all", "urgent", false},
		{"This is not that urgent", "urgent", false},
		{"We were never blocked", "blocked", false},
		{"No users are blocked", "blocked", false},
		{"no one is blocked", "blocked", false},
		{"without any blocking issue", "blocking", false},
		{"neither urgent nor blocking", "blocking", false},
		{"I don't think that it is urgent", "urgent", false},
		{"The portal was down but is back up", "down", false},
		{"The portal was down this morning, it is working again", "down", false},
		{"Le portail était indisponible, il est de nouveau accessible", "indisponible", false},
		{"Le portail était indisponible, c'est rétabli", "indisponible", false},

		// no denials
		{"The portal was back up but is down again", "down", true},
		{"Le portail est de nouveau indisponible", "indisponible", true},
		{"Indisponible : merci de nous dire quand c'est rétabli", "indisponible", true},
		{"Indisponible et toujours pas rétabli", "indisponible", true},
		{"not only down but unreachable", "down", true},
		{"Non seulement le portail est indisponible", "indisponible", true},
		{"Il n'y a pas que le portail qui est indisponible", "portail … indisponible", true},
		{"pas seulement sur Firefox", "seulement sur firefox", false},
		{"Il ne reste que des pages inaccessibles", "inaccessibles", true},
		{"avant qu'il ne soit inaccessible", "inaccessible", true},
		{"Ce n'est pas sans urgence", "urgence", true},
		{"never not blocked", "blocked", true},
		{"It is not without impact", "impact", true},
		{"Sans doute bloqué", "bloqué", true},

		// a denial doesn't reach over the clause
		{"Pas de réponse, le portail est indisponible", "indisponible", true},
		{"Pas de réponse mais le portail est indisponible", "indisponible", true},
		{"Not sure why the system is down", "down", true},
		{"I didn't know that the portal was down", "down", true},
		{"Je ne comprends pas pourquoi le portail est indisponible", "indisponible", true},
		{"Je ne sais pas. Indisponible", "indisponible", true},
		{"No answer: system down", "system down", true},
		{"No access, however the system is down", "down", true},
		{"Pas normal ! Portail indisponible", "indisponible", true},
		{"Pas urgent (portail indisponible)", "indisponible", true},
		{"Plus d'accès\nPortail indisponible", "portail indisponible", true},
		{"Pas d'accès\nPortail indisponible", "portail indisponible", true},
		{"Le portail n'est pas urgent. Le portail est urgent.", "urgent", true}, // one place is enough
	} {
		text := Prepare(c.text)
		if got := text.Affirms(c.phrase); got != c.want {
			t.Errorf("Affirms(%q, %q) = %v, want %v", c.text, c.phrase, got, c.want)
		}
		if c.want && !text.Has(c.phrase) {
			t.Errorf("%q affirms %q but has it not", c.text, c.phrase)
		}
	}
}

func TestParsePhraseRefuses(t *testing.T) {
	for _, s := range []string{"", " ", "*", "…", "… portail", "portail …", "a b c d e f g h i j k l m"} {
		if _, err := ParsePhrases("portail", s); err == nil {
			t.Errorf("ParsePhrase(%q) is accepted", s)
		}
	}
}

// Whatever the text, reading it neither panics nor takes words apart wrongly.
func FuzzPrepare(f *testing.F) {
	for _, s := range []string{"n'est plus", "can't", "cannot", "t", "'t", "a…", "\xff\xfe", "É\u0301ŒßĐ", "no no no"} {
		f.Add(s, "a b")
	}
	f.Fuzz(func(t *testing.T, s, phrase string) {
		text := Prepare(s)
		for i := range text.words {
			if w := text.word(i); strings.ContainsAny(w, " \n") {
				t.Errorf("word %q of %q", w, s)
			}
		}
		if text.Affirms(phrase) && !text.Has(phrase) {
			t.Errorf("%q affirms %q but has it not", s, phrase)
		}
	})
}

func BenchmarkPrepare2KB(b *testing.B) {
	s := longText()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Prepare(s)
	}
}

func BenchmarkPhrase(b *testing.B) {
	text := Prepare(longText())
	for _, s := range []string{"inaccessib*", "ne fonctionne plus", "système … disponible", "ex*"} {
		p, err := ParsePhrases(s)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.AffirmedIn(text)
			}
		})
	}
}

func longText() string {
	return strings.Repeat("Bonjour, depuis ce matin nous n'arrivons plus à générer les conventions d'étude : le système répond lentement, "+
		"mais le portail reste accessible pour les étudiants. ", 14)[:2048]
}
