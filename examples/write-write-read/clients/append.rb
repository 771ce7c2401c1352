# append.rb PORT COUNT: APPENDs with net/imap, whose reader thread waits all the time.
require "net/imap"

port, count = ARGV.map(&:to_i)
imap = Net::IMAP.new("127.0.0.1", port: port)
imap.login("user", "password")
began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
count.times { |turn| imap.append("INBOX", "Subject: #{turn}\r\n\r\n" + "text\r\n" * 40) }
puts format("%.4f", Process.clock_gettime(Process::CLOCK_MONOTONIC) - began)
imap.logout
imap.disconnect
