package adapt

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vigie/bot/web"
	"vigie/connectors/rest"
	"vigie/rules"
)

// Patience is how long a person who reads an explanation waits for the vendor's own
// SLA, which is only there to be compared with.
const Patience = 3 * time.Second

// AskSLA is a source's vendor asked for its own SLA on a ticket, for no longer than
// the patience: a question that never fails, since the explanation is worth as much
// without the answer.
func AskSLA(vendor, source string, patience time.Duration, ask func(context.Context, string) ([]rules.VendorClock, error), log *slog.Logger) web.SLA {
	return web.SLA{Vendor: vendor, Ask: func(ctx context.Context, id string) rules.VendorSLA {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		clocks, err := ask(ctx, id)
		if err != nil {
			log.Info("the vendor's own SLA isn't known", "ticket", source+":"+id, "err", err)
		}
		return rules.VendorSLA{Vendor: vendor, Clocks: clocks, Unknown: unknown(err)}
	}}
}

// unknown says why the vendor didn't tell; "" where it did.
func unknown(err error) rules.Unknown {
	var denied interface{ Denied() bool }
	var quota *rest.QuotaError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &denied) && denied.Denied():
		return rules.NoRight
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &quota):
		return rules.TooSlow
	}
	return rules.NoAnswer
}
