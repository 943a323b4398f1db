import sharp from 'sharp';

const size = 640;

/** An input image as a user might send it: a small hot-air balloon. */
export async function paintInput(): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 64 64">
    <rect width="64" height="64" fill="#bfe3f2"/><circle cx="52" cy="12" r="6" fill="#ffe08a"/>
    <path d="M0 54q16-10 32-2t32-4v16H0z" fill="#8fc98b"/>
    <ellipse cx="30" cy="24" rx="15" ry="17" fill="#e4572e"/><ellipse cx="30" cy="24" rx="8" ry="17" fill="#f3a712"/>
    <ellipse cx="30" cy="24" rx="2.4" ry="17" fill="#e4572e"/>
    <path d="M22 38l4 8h8l4-8" fill="none" stroke="#6b4226"/><rect x="26" y="45" width="8" height="6" rx="1" fill="#8a5a34"/>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer();
}
