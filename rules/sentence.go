package rules

// A Sentence is what is to be told to people of several languages: the name of a text of
// rules/words, and the values of its places, each after its place's name. A name that
// no catalogue has is the text itself.
type Sentence struct {
	ID     string
	Values []string
}
