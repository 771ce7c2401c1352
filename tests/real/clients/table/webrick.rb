# WEBrick: GET a file, POST gives the body's sum.
require 'webrick'
require 'digest'

server = WEBrick::HTTPServer.new(Port: ARGV[0].to_i, BindAddress: '127.0.0.1',
  Logger: WEBrick::Log.new(File::NULL), AccessLog: [])
server.mount('/', WEBrick::HTTPServlet::FileHandler, ARGV[1])
server.mount_proc('/sum') { |request, answer| answer.body = Digest::SHA256.hexdigest(request.body || '') }
trap('TERM') { server.shutdown }
server.start
