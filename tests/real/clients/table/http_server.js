// An HTTP server: GET answers with a file of the folder, anything else with the body's sum.
const http = require('http'), fs = require('fs'), crypto = require('crypto');
const [port, folder] = process.argv.slice(2);

const server = http.createServer((request, response) => {
	const hash = crypto.createHash('sha256');

	if (request.method === 'GET') {
		response.writeHead(200, {'Content-Type': 'text/plain'});
		response.write('page:\n');
		response.end(fs.readFileSync(folder + request.url));
		return;
	}
	request.on('data', data => hash.update(data));
	request.on('end', () => response.end(hash.digest('hex') + '\n'));
});
server.keepAliveTimeout = 0;
server.listen(Number(port), '127.0.0.1');
