package engine

import "time"

// The time that work may take, all of it real time. A piece of work, such as a page or
// a batch, takes some seconds at most. A round begins none after roundTime, and so ends
// well before it is cut off at roundLimit. A source's round is made of parts, of which
// each has a limit of its own and none is begun after roundTime either: the next round
// begins with it. Whoever runs rounds must let one go on for roundLimit and saving.
const (
	roundTime  = 8 * time.Second
	readLimit  = 10 * time.Second // for one batch of histories; what was read by then is kept
	partLimit  = 16 * time.Second
	roundLimit = 25 * time.Second
	saving     = 5 * time.Second // what storing what was done may take once the time for it is over

	// An escalation is taken for longer than a round can last.
	lease = roundLimit + saving

	// A round that is under way for so long doesn't heed its limit, and holds its loop up
	// for good.
	hung = 3 * time.Minute
)
