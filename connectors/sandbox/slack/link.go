package slack

import (
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"vigie/connectors/sandbox/stage"
)

// ticketsLast is how long an address of apps.connections.open may be used.
const ticketsLast = 30 * time.Second

// openConnection gives an address for one connection. It takes the app-level token,
// and that in the header alone. Which word Slack has for an app whose Socket Mode is
// off isn't documented.
func openConnection(c *call) (object, string) {
	if !c.s.options.SocketMode {
		return nil, "access_denied"
	}
	ticket := stage.UUID()
	k := &c.s.sockets
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.tickets == nil {
		k.tickets = map[string]time.Time{}
	}
	k.tickets[ticket] = c.s.Real()
	return object{"url": "ws" + strings.TrimPrefix(c.s.base(), "http") + "/link/?ticket=" + ticket + "&app_id=" + app}, ""
}

// redeem says whether a ticket opens a connection. It does so once.
func (k *sockets) redeem(ticket string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	given, ok := k.tickets[ticket]
	delete(k.tickets, ticket)
	return ok && now.Sub(given) < ticketsLast
}

// link takes a connection, greets it, and reads acknowledgements until it ends.
func (s *Workspace) link(w http.ResponseWriter, r *http.Request) {
	if s.Faults.Has(vendor, "no-connections") || !s.sockets.redeem(r.URL.Query().Get("ticket"), s.Real()) {
		http.Error(w, "no such connection", http.StatusNotFound)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // the ticket is what admits
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it has been answered
	}
	ws.SetReadLimit(1 << 20)
	c := s.greet(ws, r.URL.Query().Get("debug_reconnects") == "true")
	if c == nil {
		_ = ws.WriteMessage(websocket.TextMessage, farewell("too_many_websockets"))
		_ = ws.Close()
		return
	}
	defer s.sockets.remove(c)
	go s.ping(c)
	for {
		_, message, err := ws.ReadMessage()
		if err != nil {
			return
		}
		s.sockets.acknowledge(message)
	}
}

// greet adds a connection whose first message is the greeting; nil if there are
// enough.
func (s *Workspace) greet(ws *websocket.Conn, short bool) *connection {
	k := &s.sockets
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.open) >= mostConnections {
		return nil
	}
	lasts := 18_060 // seconds, about
	if short {
		lasts = 360
	}
	k.opened++
	c := &connection{id: k.opened, ws: ws, gone: make(chan struct{})}
	_ = c.send(stage.JSON(object{"type": "hello", "num_connections": len(k.open) + 1, "connection_info": object{"app_id": app},
		"debug_info": object{"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": lasts}}))
	k.open = append(k.open, c)
	return c
}

// ping pings a connection until it ends.
func (s *Workspace) ping(c *connection) {
	for {
		select {
		case <-c.gone:
			return
		case <-s.after(pingEvery):
		}
		if all := s.sockets.all(); s.Faults.Has(vendor, "silent-connection") && len(all) > 0 && all[0] == c {
			continue
		}
		if c.ws.WriteControl(websocket.PingMessage, []byte("Ping from applink-sandbox"), time.Now().Add(ackWithin)) != nil {
			c.close()
			return
		}
	}
}

func farewell(reason string) []byte {
	return stage.JSON(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-sandbox"}})
}

// Refresh tells the oldest connection, with "warning", "refresh_requested" or
// "link_disabled", to make place for another. It goes on taking envelopes until the
// app ends it, for ten seconds at most. Without a connection nothing happens.
func (s *Workspace) Refresh(reason string) {
	all := s.sockets.all()
	if len(all) == 0 {
		return
	}
	c := all[0]
	_ = c.send(farewell(reason)) // what can't take it is closed
	go func() {
		select {
		case <-c.gone:
		case <-s.after(closesAfter):
			c.close()
		}
	}()
}

// Cut ends all connections without a word.
func (s *Workspace) Cut() {
	for _, c := range s.sockets.all() {
		s.sockets.remove(c)
	}
}

// Connections is how many there are now.
func (s *Workspace) Connections() int { return len(s.sockets.all()) }
