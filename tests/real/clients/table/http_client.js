// So many requests one after the other on a connection that is kept; prints the sum of the answers.
const http = require('http'), crypto = require('crypto');
const port = Number(process.argv[2]), count = Number(process.argv[3]);
const agent = new http.Agent({keepAlive: true, maxSockets: 1});
const sum = crypto.createHash('sha256');
let codes = 0;

function ask(number) {
	if (number === count) {
		agent.destroy();
		console.log(codes, sum.digest('hex'));
		return;
	}
	const post = number % 3 === 0;
	const request = http.request({port, agent, host: '127.0.0.1', method: post ? 'POST' : 'GET',
		path: '/page' + number % 200}, response => {
		codes += response.statusCode;
		response.on('data', data => sum.update(data));
		response.on('end', () => ask(number + 1));
	});
	if (post) {
		request.write('head\n');
		request.write('x'.repeat(number * 7) + '\n');
	}
	request.end();
}
ask(0);
