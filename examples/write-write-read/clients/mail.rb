# mail.rb PORT COUNT: mails of 40 lines with net/smtp, on one connection; it writes line by line.
require "net/smtp"

port, count = ARGV.map(&:to_i)
Net::SMTP.start("127.0.0.1", port, helo: "client.test") do |smtp|
  began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  count.times do |turn|
    mail = "Subject: #{turn}\r\n\r\n" + "a line of text, number #{turn}\r\n" * 40
    smtp.send_message(mail, "a@example.org", "b@example.org")
  end
  puts format("%.4f", Process.clock_gettime(Process::CLOCK_MONOTONIC) - began)
end
