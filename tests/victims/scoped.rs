// The turns of scoped.c in Rust, whose library sets no option by itself:
// scoped-rust turns ADDRESS PORT TURNS
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::io::AsRawFd;

extern "C" {
    fn ioctl(fd: i32, request: u64, ...) -> i32;
}

const UNSENT: u64 = 0x894B; // SIOCOUTQNSD

fn main() {
    let word: Vec<String> = std::env::args().collect();
    let mut stream = TcpStream::connect((word[2].as_str(), word[3].parse::<u16>().unwrap())).unwrap();
    let count: u32 = word[4].parse().unwrap();
    let mut kept = 0;
    for _ in 0..count {
        let mut answer = [0u8; 3];
        let mut unsent = 0i32;
        stream.write_all(b"a question").unwrap();
        stream.write_all(b" in two\n").unwrap();
        unsafe { ioctl(stream.as_raw_fd(), UNSENT, &mut unsent as *mut i32) };
        kept += (unsent > 0) as u32;
        stream.read_exact(&mut answer).unwrap();
    }
    println!("nodelay {}, kept {} of {}", stream.nodelay().unwrap() as i32, kept, count);
}
