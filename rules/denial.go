package rules

import "slices"

// How denials are found. A denial opens at a word such as "pas", "no" or
// "sans", and reaches over the words that follow it: over any number of light
// ones ("pas du tout très urgent"), over one or two that carry meaning ("aucun
// problème bloquant"), never over the end of a clause or a word that begins
// another one ("pas de réponse mais le portail est inaccessible"). French
// denials made of several words ("ne … plus jamais") are one denial; two
// denials side by side are none ("pas sans urgence", "never not").

// A denial is one in the text: the word that opens it and the one that
// completes it (ne … pas), or the same twice.
type denial struct{ opens, completes int }

// An agreement says what a denial does to one just before it: French words of
// denial agree with each other, English ones cancel each other, and sans, non,
// without cancel both.
type agreement uint8

const (
	french agreement = iota
	english
	privative
)

// A reach is the denial that is open while the words are read.
type reach struct {
	open     bool
	denial   uint32 // its place in Text.denials plus one
	kind     agreement
	words    int // words with a meaning passed so far
	most     int // how many it reaches
	until    int // the word that completes it: up to there nothing counts
	thinking bool
	linked   bool // has gone on over "no users are blocked"
}

func (t *Text) findDenials() {
	var r reach
	for i := range t.words {
		w, text := &t.words[i], t.word(i)
		if w.pause > noPause {
			r = reach{}
		}
		class := classOf(text)
		if r.open && r.words >= r.most {
			if class != copulaWord || r.linked {
				r = reach{}
			} else {
				r.most, r.linked = r.most+1, true
			}
		}
		if r.open {
			w.denial = r.denial
		}
		if i < r.until {
			r.thinking = r.thinking || class == thinkingWord
			continue
		}
		switch class {
		case denyingWord:
			t.deny(&r, i, text)
		case meaningfulWord:
			r.words++
		case thinkingWord:
			r.thinking = true
		case restrictingWord: // "not only down": what follows is affirmed
			if r.open && r.words == 0 {
				r = reach{}
			}
		case conjoiningWord:
			if !r.thinking && (text != "that" || r.words > 0) {
				r = reach{}
			}
		case closingWord:
			r = reach{}
		}
	}
}

// deny reads a word that denies.
func (t *Text) deny(r *reach, i int, text string) {
	kind, most := french, 2
	d := denial{i, i}
	switch text {
	case "sans", "non", "without":
		kind = privative
		if text != "non" {
			most = 1
		}
		if t.idiom(i) {
			return
		}
	case "no":
		kind, most = english, 1
		if t.idiom(i) {
			return
		}
	case "not", "never", "nothing", "nobody", "none", "neither":
		kind = english
	case "ni", "nor":
		if r.open { // goes on where the denial before it left off
			r.words = 0
			return
		}
	case "ne", "n":
		if d = t.completed(i, text); d.completes < 0 {
			return
		}
	case "pas":
		if r.open && r.until == i {
			r.words = 0
			return
		}
		t.denyVerb(i)
	default:
		if r.open && r.until == i {
			r.words = 0
			return
		}
	}
	if r.open && r.words == 0 && (kind == privative || kind == english && r.kind != french) {
		*r = reach{} // two denials are none
		return
	}
	if !(r.open && kind == french && r.kind != english) { // else it agrees with the one that is open
		t.denials = append(t.denials, d)
		*r = reach{open: true, denial: uint32(len(t.denials)), kind: kind, thinking: r.thinking}
	}
	r.words, r.most, r.until = 0, most, d.completes
}

// completed is the denial that a "ne" opens. Its completes is -1 where "ne"
// denies nothing: "ne … que" is "only", and "avant qu'il ne tombe" has none.
func (t *Text) completed(i int, text string) denial {
	none := denial{i, -1}
	if i+1 >= len(t.words) || text == "n" && !t.words[i+1].apostrophe {
		return none
	}
	for j := i + 1; j < len(t.words) && j <= i+7 && t.words[j].pause < colon; j++ {
		switch t.word(j) {
		case "pas", "plus", "jamais", "rien", "aucun", "aucune", "ni", "guere", "nullement", "personne":
			return denial{i, j}
		case "que", "qu":
			return none
		}
	}
	for j := i - 1; j >= 0 && j >= i-6 && t.words[j+1].pause < colon; j-- {
		switch t.word(j) { // "personne ne", "aucun candidat n'est"
		case "aucun", "aucune", "personne", "rien", "jamais", "nul":
			return denial{j, i}
		}
	}
	switch t.word(i + 1) {
	case "peut", "peux", "peuvent", "pouvons", "saurait":
		return denial{i, i}
	}
	return none
}

// denyVerb reaches back to the verb that spoken French denies without "ne":
// "ça bloque pas".
func (t *Text) denyVerb(i int) {
	if i < 2 || t.words[i].pause > noPause || t.words[i-1].pause > noPause || t.words[i-1].denial != 0 {
		return
	}
	switch t.word(i - 2) {
	case "ca", "cela", "je", "j", "on", "tu", "il", "elle", "ils", "elles", "nous", "vous", "me", "y":
		t.denials = append(t.denials, denial{i, i})
		t.words[i-1].denial = uint32(len(t.denials))
	}
}

// idiom says whether the words at i only look like a denial: "sans doute".
func (t *Text) idiom(i int) bool {
	if i+1 >= len(t.words) {
		return false
	}
	switch t.word(i) + " " + t.word(i+1) {
	case "sans doute", "sans cesse", "sans arret", "sans succes", "non plus", "no doubt", "no matter", "without success", "without doubt":
		return true
	}
	return false
}

// denied says whether the phrase whose words stand at these places is denied
// there: by a denial that is not the phrase's own, by an answer ("Bloquant :
// non"), or by what the sentence goes on to say ("was down but is back up").
func (t *Text) denied(at []int) bool {
	for _, i := range at {
		if n := t.words[i].denial; n != 0 && !t.denials[n-1].within(at) {
			return true
		}
	}
	last := at[len(at)-1]
	return t.answeredNo(last+1) || t.overLater(last)
}

func (d denial) within(at []int) bool {
	for _, i := range at {
		if i == d.opens || i == d.completes {
			return true
		}
	}
	return false
}

// answeredNo says whether word i is a whole answer, and that is no.
func (t *Text) answeredNo(i int) bool {
	if i >= len(t.words) || !t.words[i].asked || i+1 < len(t.words) && t.words[i+1].pause == noPause && !t.words[i+1].line {
		return false
	}
	switch t.word(i) {
	case "non", "no", "aucun", "aucune", "pas", "none":
		return true
	}
	return false
}

// over is how people say so.
var over, _ = ParsePhrases(
	"is back up", "are back up", "now back up", "is back online", "are back online", "is back to normal", "is up again",
	"is working again", "are working again", "works again", "work again", "was fixed", "has been fixed", "is fixed",
	"is resolved", "was resolved", "has been resolved", "no longer the case",
	"est de nouveau", "sont de nouveau", "est à nouveau", "sont à nouveau", "fonctionne de nouveau", "fonctionne à nouveau",
	"fonctionnent à nouveau", "fonctionnent de nouveau", "remarche*", "refonctionne*", "est rétabli*", "été rétabli*", "sont rétabli*",
	"revenu à la normale", "revenue à la normale", "est rentré dans l'ordre", "est résolu*", "été résolu*", "n'est plus le cas",
)

// findOvers finds the places where the text says that something is over,
// unless they speak of a wish or a condition ("once it is resolved").
func (t *Text) findOvers() {
	over.places(t, true, func(at []int) bool {
		if !t.supposed(at[0]) && !t.downAgain(at[len(at)-1]) {
			t.overs = append(t.overs, at[0])
		}
		return true
	})
}

// supposed says whether a word before i, in its clause, makes it a condition.
func (t *Text) supposed(i int) bool {
	for j := i - 1; j >= 0 && j >= i-5 && t.words[j+1].pause < colon; j-- {
		switch t.word(j) {
		case "if", "once", "until", "when", "whether", "si", "quand", "lorsque", "lorsqu", "fois", "des", "jusqu", "tant":
			return true
		}
	}
	return false
}

// downAgain says whether "est de nouveau" goes on with trouble.
func (t *Text) downAgain(i int) bool {
	if t.word(i) != "nouveau" || i+1 >= len(t.words) {
		return false
	}
	switch t.word(i + 1) {
	case "accessible", "accessibles", "disponible", "disponibles", "operationnel", "operationnelle", "operationnels", "possible", "en", "normal", "normale", "stable":
		return t.word(i+1) == "en" && i+2 < len(t.words) && t.word(i+2) != "ligne" && t.word(i+2) != "service"
	}
	return t.word(i-2) != "fonctionne" && t.word(i-2) != "fonctionnent"
}

// overLater says whether the sentence goes on, after word i, to say that it is
// over.
func (t *Text) overLater(i int) bool {
	for _, start := range t.overs {
		if start > i && !slices.ContainsFunc(t.words[i+1:start+1], func(w word) bool { return w.pause == endOfSentence }) {
			return true
		}
	}
	return false
}
