package rules

// A class is what a word does to a denial that is open before it.
type class uint8

const (
	meaningfulWord  class = iota // carries a meaning: denials reach over few of these
	lightWord                    // goes by unnoticed
	copulaWord                   // light; a denied noun goes on over it: "no users are blocked"
	denyingWord                  // opens, agrees with or cancels a denial
	restrictingWord              // "not only": what follows is affirmed
	thinkingWord                 // "don't think that": the denial is about what follows
	conjoiningWord               // begins another clause, unless someone thinks it
	closingWord                  // begins another clause, or speaks of what is so: "didn't know"
)

// classOf knows the French and English words that matter, folded.
func classOf(s string) class {
	switch s {
	case "ne", "n", "pas", "jamais", "rien", "aucun", "aucune", "nullement", "guere", "ni", "sans", "non",
		"not", "no", "never", "nothing", "nobody", "none", "neither", "nor", "without":
		return denyingWord
	case "seulement", "uniquement", "exclusivement", "juste", "only", "just", "merely", "solely":
		return restrictingWord
	case "pense", "penses", "penser", "pensons", "pensez", "pensent", "crois", "croit", "croyons", "croient", "dire", "dirais",
		"think", "believe", "mean", "say", "suppose":
		return thinkingWord
	case "que", "qu", "that":
		return conjoiningWord
	case "mais", "cependant", "toutefois", "pourtant", "neanmoins", "car", "parce", "puisque", "puisqu", "pourquoi", "quand",
		"lorsque", "lorsqu", "tandis", "alors", "donc", "et", "sinon", "sauf", "hormis", "depuis", "malgre",
		"but", "however", "yet", "although", "though", "whereas", "because", "why", "when", "while", "and", "otherwise",
		"except", "since", "despite", "so",
		"sais", "sait", "savais", "savait", "savions", "savons", "comprends", "comprend", "comprenons",
		"know", "knew", "known", "understand", "understood", "realise", "realised", "realize", "realized":
		return closingWord
	case "is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "est", "sont", "etait", "etaient", "ete", "soit":
		return copulaWord
	case "le", "la", "les", "l", "un", "une", "des", "de", "du", "d", "a", "au", "aux", "en", "dans", "y", "c", "ce", "cet", "cette", "ces",
		"ca", "cela", "il", "elle", "on", "ils", "elles", "nous", "vous", "je", "j", "me", "se", "s", "etre", "tres", "trop", "si",
		"vraiment", "tout", "toute", "tous", "fait", "encore", "toujours", "plus", "moins", "aussi", "considere", "consideree",
		"caractere", "degre", "particulierement", "forcement", "totalement", "completement", "semble", "parait", "moment", "pour", "ou",
		"reellement", "absolument", "specialement", "franchement", "cas", "avoir",
		"the", "an", "it", "this", "these", "very", "really", "too", "any", "all", "of", "at", "in", "to", "for", "still", "currently",
		"actually", "particularly", "especially", "longer", "more", "considered", "one", "do", "does", "did", "will", "would", "can",
		"could", "should", "seem", "seems", "seemed", "remotely", "even", "or", "completely", "totally", "entirely", "exactly", "as":
		return lightWord
	}
	return meaningfulWord
}
