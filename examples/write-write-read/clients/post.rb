# post.rb PORT COUNT: POSTs as Ruby's Net::HTTP once sent them: the headers in one write, the body
# in the next.
require "socket"

port, count = ARGV.map(&:to_i)
http = TCPSocket.new("127.0.0.1", port)
began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
count.times do |turn|
  body = "body of #{turn}"
  http.write("POST /#{turn} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: #{body.size}\r\n\r\n")
  http.write(body)
  size = 0
  while (line = http.gets) != "\r\n"
    size = line[/\d+/].to_i if line.start_with?("Content-Length:")
  end
  http.read(size)
end
puts format("%.4f", Process.clock_gettime(Process::CLOCK_MONOTONIC) - began)
