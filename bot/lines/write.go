package lines

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/rules"
)

// Examples writes the examples among a source's tickets. The same text twice,
// such as an automatic alarm's, is written once.
func Examples(ctx context.Context, st *store.Store, source string, out io.Writer, seen *print.Meter, within func(*rules.Ticket) bool) error {
	w := bufio.NewWriterSize(out, 1<<16)
	written := map[[sha256.Size]byte]bool{}
	err := st.EachTicket(ctx, source, func(t *rules.Ticket) error {
		seen.Add(1)
		e, ok := t.Example(time.Now())
		text := sha256.Sum256([]byte(e.Subject + "\n" + e.Text))
		if !ok || !within(t) || written[text] {
			return nil
		}
		written[text] = true
		return print.JSON(w, e)
	})
	seen.End()
	return errors.Join(err, w.Flush())
}

// Tickets writes a source's tickets, each as pick leaves it; nil leaves it
// out. One is held at a time.
func Tickets(ctx context.Context, st *store.Store, source string, out io.Writer, seen *print.Meter, pick func(*rules.Ticket) *rules.Ticket) error {
	w := bufio.NewWriterSize(out, 1<<16)
	err := st.EachTicket(ctx, source, func(t *rules.Ticket) error {
		seen.Add(1)
		if t = pick(t); t == nil {
			return nil
		}
		return print.JSON(w, t)
	})
	seen.End()
	return errors.Join(err, w.Flush())
}
