package web

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// owner is the user whose process holds the end "from" of a connection on this
// machine to "to", as the kernel lists it (proc_pid_net(5)). It isn't known where
// nothing is listed, or the other end has gone already.
func owner(from, to netip.AddrPort) (user int, known bool) {
	for _, list := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if user, known := listed(list, from, to); known {
			return user, true
		}
	}
	return 0, false
}

func listed(file string, from, to netip.AddrPort) (user int, known bool) {
	f, err := os.Open(file)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// sl, local and remote address, state, queues, timer, retransmits, uid, time-out, inode
		column := strings.Fields(lines.Text())
		if len(column) < 10 || column[9] == "0" || !same(column[1], from) || !same(column[2], to) {
			continue
		}
		user, err := strconv.Atoi(column[7])
		return user, err == nil
	}
	return 0, false
}

// same says that an address is listed so: words of the machine's own order in
// hexadecimal, a colon, and the port.
func same(written string, a netip.AddrPort) bool {
	ip, port, _ := strings.Cut(written, ":")
	if n, err := strconv.ParseUint(port, 16, 16); err != nil || uint16(n) != a.Port() {
		return false
	}
	bytes, err := hex.DecodeString(ip)
	if err != nil || len(bytes)%4 != 0 {
		return false
	}
	for word := bytes; len(word) > 0; word = word[4:] {
		binary.NativeEndian.PutUint32(word, binary.BigEndian.Uint32(word))
	}
	got, ok := netip.AddrFromSlice(bytes)
	return ok && got.Unmap() == a.Addr().Unmap().WithZone("")
}
