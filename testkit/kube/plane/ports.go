package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// ports prints that many free TCP ports: below those that the kernel gives to clients (from 32768 on, by default), so that
// none of them takes one while what listens there starts, or starts again.
func ports(args []string) error {
	n := 1
	if len(args) > 0 {
		var err error
		if n, err = strconv.Atoi(args[0]); err != nil {
			return err
		}
	}
	const lowest, end = 30_000, 32_768
	for _, i := range rand.Perm(end - lowest) {
		if n == 0 {
			break
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lowest+i))
		if err != nil {
			continue // somebody has it
		}
		defer l.Close()
		fmt.Println(lowest + i)
		n--
	}
	if n > 0 {
		return fmt.Errorf("%d free ports are missing from %d to %d", n, lowest, end-1)
	}
	return nil
}
