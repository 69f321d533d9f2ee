package desk

import "regexp"

// What mail programs and offices write into mails, compared with folded lines:
// lower case, no accents. Kept apart from the mechanism, so that a language more
// is a word more.
var (
	// A subject of a mail that is forwarded: the mark comes before any "RE:".
	forwardSubject = regexp.MustCompile(`^(?:\[[^\]]{0,40}\] ?)?(?:fwd?|tr|wg|i|rv|enc|pd|doorst) ?:`)

	// A line before a forwarded mail.
	forwardRule = regexp.MustCompile(`^(?:-{2,} ?(?:` + forwardedMessage + `) ?-{2,}|(?:begin |debut du |anfang der |inicio del |inizio |inicio da )?(?:` + forwardedMessage + `) ?:)$` +
		`|^-{2,} ?(?:forwarded by|transfere par|weitergeleitet von|reenviado por|inoltrato da) .*-{2,}$`)

	// A line before a quoted mail, or before a forwarded one.
	quoteRule = regexp.MustCompile(`^[-_]{2,} ?(?:original message|original e-?mail|message d'origine|message original|mail original|courriel original|ursprungliche nachricht|` +
		`originalnachricht|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|wiadomosc oryginalna) ?[-_]{2,}$`)

	// A line that a ticketing tool puts above the mails that it sends: Zendesk's
	// between ##- and -## in any language, Jira's.
	replyAbove = regexp.MustCompile(`^##- ?.* ?-##$|^(?:reply above this line|(?:repondez|repondre) au-dessus de cette ligne|(?:antworten sie|antwort) (?:oberhalb|uber) dieser zeile)\.?$`)

	underscores = regexp.MustCompile(`^_{20,}$`)
	drawn       = regexp.MustCompile(`^[-_=*\x{2013}\x{2014}]{3,}$`)
	moreThan    = regexp.MustCompile(`^>=?\d`)

	// A line that a telephone or a program adds below a mail.
	device = regexp.MustCompile(`^(?:(?:sent (?:from|via|with)|envoye (?:de|depuis|a partir de|avec)|gesendet (?:von|mit|aus)|enviad[oa] (?:desde|do|a partir do|con)|inviato (?:da|con)|` +
		`(?:verstuurd|verzonden) (?:vanaf|met|via)|wyslan[eo] z)(?: [^ ]+){0,4}? (?:` + devices + `)[^ ]*(?: [^ ]+){0,3}` +
		`|(?:get|download|telecharge[rz]?|obtene[zr]|obtenir|holen sie sich|laden sie|scarica|descargar|pobierz) outlook (?:for|pour|fur|para|per|voor|dla) (?:ios|android|mac)[^ ]*(?: [^ ]+)?` +
		`|(?:diese nachricht wurde )?(?:von|mit)(?: [^ ]+){0,2} (?:` + devices + `)[^ ]*(?: [^ ]+){0,4} (?:gesendet|verschickt)\.?|provenance : courrier pour windows.{0,10})$`)

	// A line that says nothing of the matter: a greeting of a few words, or one that
	// points at the mail below.
	pointer = regexp.MustCompile(`^(?:(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|bonjour|bonsoir|salut|cher|chere|chers|madame|monsieur|hallo|guten (?:tag|morgen|abend)|moin|` +
		`lieber?|liebes|sehr geehrter?|hola|buenos dias|buongiorno|ciao|bom dia|ola|beste|goedemorgen|dzien dobry)(?: [^ ]+){0,3} ?[,!.]?` +
		`|fyi|(?:please )?see (?:mail |e-mail |message )?below|(?:merci de )?voir (?:le mail |le message |la demande )?ci-dessous|cf\.? ci-dessous|pour info(?:rmation)?|pvi|` +
		`(?:bitte )?siehe unten|s\. ?u\.|zur (?:info|information|kenntnis)|z\. ?k\.) ?[.!:,]?$`)

	// A notice of confidentiality names itself at its beginning, whom the mail is
	// for, and what others must do with it. Only all three are unmistakable.
	noticeBegins = regexp.MustCompile(`^[*_ ]*(?:disclaimer|confidentiality|confidential|legal notice|avis de confidentialite|clause de confidentialite|haftungsausschluss|` +
		`vertraulichkeitshinweis|wichtiger hinweis|(?:the |any )?(?:information|content)s? .{0,40}this|this (?:e-?mail|message|communication|transmission)|` +
		`(?:ce|cet|cette) (?:e-?mail|message|courriel|mail|courrier|transmission|communication)|(?:diese|der inhalt dieser|die information(?:en)? in dieser) (?:e-?mail|nachricht|mail))`)
	noticeTitle    = regexp.MustCompile(`^[*_ ]*(?:disclaimer|(?:confidentiality|legal) (?:notice|note|statement)|avis de confidentialite|clause de confidentialite|avertissement|haftungsausschluss|vertraulichkeitshinweis|(?:wichtiger )?hinweis)[ :*_]*$`)
	noticeTo       = regexp.MustCompile(`recipient|addressee|destinataire|adressat|empfanger|bestimmt`)
	noticeDemands  = regexp.MustCompile(`unauthori[sz]ed|prohibited|in error|destroy|delete|par erreur|detrui|interdit|irrtumlich|vernichten|loschen|untersagt`)
	beforePrinting = regexp.MustCompile(`^.{0,20}(?:(?:please )?(?:consider|think of) the environment before printing|pensez a l'environnement avant d'imprimer|` +
		`n'imprimez ce (?:mail|message|courriel) que|(?:bitte )?denken sie an die umwelt)`)
)

const forwardedMessage = `forwarded message|message transfere|message reexpedie|weitergeleiteten? (?:nachricht|e-?mail)|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht|przekazana wiadomosc`

const devices = `iphone|ipad|ios|android|samsung|galaxy|smartphone|huawei|xiaomi|pixel|blackberry|telephone|phone|mobile|handy|outlook|windows|yahoo|gmail|gmx|web\.de|mail app|orange|proton|k-9`
