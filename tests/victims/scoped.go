// The turns of scoped.c in Go, whose library sets TCP_NODELAY and keepalives itself:
// scoped-go turns ADDRESS PORT TURNS
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

const (
	unsentBytes = 0x894B // SIOCOUTQNSD
	userTimeout = 18     // TCP_USER_TIMEOUT
)

func option(fd uintptr, level, name int) int {
	value, err := syscall.GetsockoptInt(int(fd), level, name)
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	conn, err := net.Dial("tcp", net.JoinHostPort(os.Args[2], os.Args[3]))
	if err != nil {
		panic(err)
	}
	count, kept := 0, 0
	count, _ = strconv.Atoi(os.Args[4])
	raw, _ := conn.(*net.TCPConn).SyscallConn()
	for i := 0; i < count; i++ {
		var unsent int32
		answer := make([]byte, 3)
		conn.Write([]byte("a question"))
		conn.Write([]byte(" in two\n"))
		raw.Control(func(fd uintptr) {
			syscall.Syscall(syscall.SYS_IOCTL, fd, unsentBytes, uintptr(unsafe.Pointer(&unsent)))
		})
		if unsent > 0 {
			kept++
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			panic(err)
		}
	}
	raw.Control(func(fd uintptr) {
		fmt.Printf("nodelay %d, kept %d of %d, keepalive %d, keepidle %d, user_timeout %d\n",
			option(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY), kept, count,
			option(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE),
			option(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE),
			option(fd, syscall.IPPROTO_TCP, userTimeout))
	})
}
