# smtp_send.rb PORT COUNT: COUNT mails of 40 lines with net/smtp, on one connection.
require "net/smtp"

Net::SMTP.start("127.0.0.1", ARGV[0].to_i, helo: "client.test") do |smtp|
  ARGV[1].to_i.times do |number|
    mail = "Subject: #{number}\r\n\r\n" + "a line of text, number #{number}\r\n" * 40
    puts smtp.send_message(mail, "a@example.org", "b@example.org").string
  end
end
