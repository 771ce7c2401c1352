# imap_append.rb PORT COUNT: COUNT APPENDs with net/imap, whose reader thread waits all the time.
require "net/imap"

imap = Net::IMAP.new("127.0.0.1", port: ARGV[0].to_i)
imap.login("user", "password")
ARGV[1].to_i.times do |number|
  puts imap.append("INBOX", "Subject: #{number}\r\n\r\n" + "text\r\n" * (40 + number)).raw_data
end
imap.logout
imap.disconnect
