package slack

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"vigie/connectors/sandbox/stage"
)

const (
	mostConnections = 10               // of an app at once
	acknowledgement = 20_000           // bytes; a longer one is passed over in silence
	pingEvery       = 10 * time.Second // real time
	closesAfter     = 10 * time.Second // a disconnect message; until then the connection goes on
)

// sockets are the connections of Socket Mode. They last beyond any request, and so
// have a lock of their own; whoever holds it takes no other.
type sockets struct {
	mu      sync.Mutex
	open    []*connection // oldest first
	opened  int
	turn    int                      // goes round the connections
	waiting map[string]chan<- []byte // by envelope: where its acknowledgement goes
	tickets map[string]time.Time     // of apps.connections.open, real time; each opens one connection
}

type connection struct {
	id    int
	ws    *websocket.Conn
	write sync.Mutex
	gone  chan struct{} // closed with the connection
	end   sync.Once
}

// send writes a message, or closes the connection that can't take it.
func (c *connection) send(message []byte) error {
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(ackWithin))
	err := c.ws.WriteMessage(websocket.TextMessage, message)
	if err != nil {
		c.close()
	}
	return err
}

func (c *connection) close() {
	c.end.Do(func() {
		close(c.gone)
		_ = c.ws.Close()
	})
}

// pick is the connection whose turn it is, another one than that which had the
// envelope last if there is one; nil if there is none at all.
func (k *sockets) pick(last int) (c *connection, oldest bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for range len(k.open) {
		k.turn++
		i := k.turn % len(k.open)
		if c, oldest = k.open[i], i == 0; c.id != last {
			return c, oldest
		}
	}
	return c, oldest
}

func (k *sockets) remove(c *connection) {
	c.close()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = slices.DeleteFunc(k.open, func(o *connection) bool { return o == c })
}

// all are the open connections, oldest first.
func (k *sockets) all() []*connection {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.open)
}

// expect gives where an envelope's acknowledgement will come, until it is forgotten.
func (k *sockets) expect(envelope string) (acknowledged <-chan []byte, forget func()) {
	ch := make(chan []byte, 1)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting == nil {
		k.waiting = map[string]chan<- []byte{}
	}
	k.waiting[envelope] = ch
	return ch, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.waiting, envelope)
	}
}

// acknowledge takes what a client wrote. What acknowledges nothing is passed over.
func (k *sockets) acknowledge(message []byte) {
	var ack struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    json.RawMessage
	}
	if len(message) >= acknowledgement || json.Unmarshal(message, &ack) != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if ch := k.waiting[ack.EnvelopeID]; ch != nil {
		delete(k.waiting, ack.EnvelopeID)
		ch <- ack.Payload
	}
}

// overSocket sends an envelope by one connection, and waits three seconds for its
// acknowledgement. Nothing is kept for an app without a connection.
func (s *Workspace) overSocket(ctx context.Context, d *delivery) ([]byte, int, *failure) {
	if s.Faults.Has(vendor, "no-connections") {
		s.Cut()
	}
	c, oldest := s.sockets.pick(d.Last)
	if c == nil {
		return nil, 0, &failure{reason: "connection_failed", err: ErrNobody, final: d.Attempt == 0}
	}
	acknowledged, forget := s.sockets.expect(d.ID)
	defer forget()
	takes := d.Kind == aCommand || d.Reply.View != ""
	envelope := object{"envelope_id": d.ID, "type": d.Kind, "payload": d.Payload, "accepts_response_payload": takes}
	if d.Kind == anEvent {
		envelope["retry_attempt"], envelope["retry_reason"] = d.Attempt, d.Reason
	}
	sends := 1
	switch {
	case oldest && s.Faults.Has(vendor, "silent-connection"):
		sends = 0
	case s.Faults.Has(vendor, "doubles-envelopes"):
		sends = 2
	}
	for range sends {
		if err := c.send(stage.JSON(envelope)); err != nil {
			return nil, c.id, &failure{reason: "timeout", err: err}
		}
	}
	select {
	case answer := <-acknowledged:
		return answer, c.id, nil
	case <-c.gone:
		return nil, c.id, &failure{reason: "timeout", err: errors.New("the connection ended before the acknowledgement")}
	case <-s.after(ackWithin):
		return nil, c.id, &failure{reason: "timeout", err: errors.New("not acknowledged within three seconds")}
	case <-ctx.Done():
		return nil, c.id, &failure{reason: "timeout", err: ctx.Err()}
	}
}
