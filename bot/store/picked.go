package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"vigie/rules"
)

// A Pick says which open tickets somebody asks about. One of the fields is set. What it
// finds is by what is stored, and may be more than is meant: who asks looks at each.
type Pick struct {
	Saying []string  // those whose stored text has one of these somewhere, such as an address, whatever its case
	Group  string    // those that a team holds, whatever the case of its name, once they were judged
	Due    time.Time // those that were missed, or fall due before
}

// EachPicked hands such tickets to f, one at a time and in no order, and ends at f's
// first error. The rows come without the stored Verdict. f must not use the store.
func (s *Store) EachPicked(ctx context.Context, p Pick, f func(*Row) error) error {
	condition, args := p.condition()
	if condition == "" {
		return nil
	}
	if err := each(ctx, s.db, f, condition, args...); err != nil {
		return fmt.Errorf("list open tickets: %w", err)
	}
	return nil
}

func (p Pick) condition() (string, []any) {
	const stands = `open AND EXISTS (SELECT 1 FROM standings s WHERE s.source = tickets.source AND s.id = tickets.id AND `
	switch {
	case p.Group != "":
		return stands + `s.sought LIKE $1 ESCAPE '!')`, []any{"%\n" + wild.Replace(Fold(p.Group)) + "\n%"}
	case !p.Due.IsZero():
		bound := binary.BigEndian.AppendUint64([]byte{byte(rules.StandsAtRisk.Place())}, ordered(p.Due.Unix()))
		return stands + `s.standing IN ('missed', 'at_risk', 'running') AND s.turn < $1)`, []any{bound}
	}
	var either []string
	var args []any
	for _, text := range p.Saying {
		quoted, err := json.Marshal(strings.ToLower(text))
		if err != nil || len(quoted) <= 2 || len(quoted) > maxPattern {
			continue
		}
		args = append(args, "%"+wild.Replace(string(quoted[1:len(quoted)-1]))+"%")
		either = append(either, fmt.Sprintf(`lower(body) LIKE $%d ESCAPE '!'`, len(args)))
	}
	if len(either) == 0 {
		return "", nil
	}
	return `open AND (` + strings.Join(either, " OR ") + `)`, args
}
