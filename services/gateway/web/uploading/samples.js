// Photos to try a gallery with: landscapes drawn here, which are then uploaded like any others.
const WIDTH = 1200;
const HEIGHT = 800;

/** `count` JPEG files, each of another colour; every third one is upright. */
export function samples(count) {
  return Promise.all(Array.from({ length: count }, (_, at) => drawn(at + 1)));
}

async function drawn(number) {
  const upright = number % 3 === 0;
  const canvas = Object.assign(document.createElement("canvas"), upright ? { width: HEIGHT, height: WIDTH } : { width: WIDTH, height: HEIGHT });
  paint(canvas.getContext("2d"), canvas.width, canvas.height, number);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  return new File([blob], `SAMPLE_${String(number).padStart(2, "0")}.jpg`, { type: "image/jpeg" });
}

function paint(context, width, height, number) {
  const hue = (number * 47) % 360;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 45% 55%)`);
  sky.addColorStop(1, `hsl(${hue + 40} 60% 85%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "hsl(48 90% 88%)";
  context.beginPath();
  context.arc(width * (0.2 + ((number * 0.17) % 0.6)), height * 0.28, height * 0.07, 0, 7);
  context.fill();
  for (let hill = 0; hill < 4; hill += 1) {
    context.fillStyle = `hsl(${hue + 120} 25% ${48 - hill * 10}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 8) {
      const wave = Math.sin(x / (90 + 40 * hill) + number * (hill + 1)) * height * 0.05;
      context.lineTo(x, height * (0.5 + hill * 0.12) + wave);
    }
    context.lineTo(width, height);
    context.fill();
  }
}
