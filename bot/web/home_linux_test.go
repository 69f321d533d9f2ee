package web_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"syscall"
	"testing"
)

// stranger is the account that owns nothing.
const stranger = 65534

// as has f run as another user. Its thread is given up, so that nothing else does.
func as(t *testing.T, user int, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	done := make(chan syscall.Errno)
	go func() {
		runtime.LockOSThread()
		_, _, e := syscall.RawSyscall(syscall.SYS_SETRESUID, uintptr(user), uintptr(user), uintptr(user))
		if e == 0 {
			f()
		}
		done <- e
	}()
	if e := <-done; e != 0 {
		t.Fatal(e)
	}
}

// passOn is a proxy that hands every byte on to an address, as another user.
func passOn(t *testing.T, to string, user int) (address string) {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			var there net.Conn
			as(t, user, func() { there, err = net.Dial("tcp", to) })
			if err != nil {
				from.Close()
				return
			}
			go func() { io.Copy(there, from); there.Close() }()
			go func() { io.Copy(from, there); from.Close() }()
		}
	}()
	return l.Addr().String()
}

// A proxy that passes everything on, and says nothing of itself, opens no page to a
// stranger who says that he asks for localhost.
func TestSilentProxyOpensNoPage(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	h := seeded(t)
	for name, listen := range map[string]string{"IPv4": "127.0.0.1:0", "IPv6": "[::1]:0", "both": "[::]:0"} {
		l, err := net.Listen("tcp", listen)
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		server := &http.Server{Handler: h.Handler()}
		go server.Serve(l)
		t.Cleanup(func() { server.Close() })
		to := l.Addr().String()
		if name == "both" {
			_, port, _ := net.SplitHostPort(to)
			to = "127.0.0.1:" + port // IPv4 that the server sees as IPv6
		}
		for path, open := range map[string]bool{"/": false, "/tickets/zendesk/1": false, "/report.csv": false, "/metrics": true} {
			r := must(http.NewRequest("GET", "http://"+to+path, nil))
			if got := h.send(t, http.DefaultClient, r).status; got != 200 {
				t.Errorf("%s: %s beside it: got %d, want 200", name, path, got)
			}
			r = must(http.NewRequest("GET", "http://"+passOn(t, to, stranger)+path, nil))
			want := 403
			if open {
				want = 200
			}
			if got := h.send(t, http.DefaultClient, r, "Host", "localhost").status; got != want {
				t.Errorf("%s: %s by a proxy: got %d, want %d", name, path, got, want)
			}
		}
	}
}
