interface Props {
  legend: string;
  name: string;
  values: readonly string[];
  value: string;
  onChange: (value: string) => void;
}

/** Aspect ratios, each with an icon of its shape. */
export function RatioPicker(props: Props) {
  return <Choice {...props} className="ratios" draw={(ratio) => <RatioIcon ratio={ratio} />} />;
}

export function SizePicker(props: Props) {
  return <Choice {...props} className="sizes" draw={() => null} />;
}

function Choice(props: Props & { className: string; draw: (value: string) => React.ReactNode }) {
  const { legend, name, values, value, onChange, className, draw } = props;
  return (
    <fieldset className={`choice ${className}`}>
      <legend>{legend}</legend>
      <div className="options">
        {values.map((one) => (
          <label key={one} className="option">
            <input
              type="radio"
              name={name}
              value={one}
              checked={one === value}
              onChange={() => onChange(one)}
            />
            {draw(one)}
            <span>{one}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function RatioIcon({ ratio }: { ratio: string }) {
  const [width = 1, height = 1] = ratio.split(':').map(Number);
  const scale = 18 / Math.max(width, height);
  return (
    <span className="ratio-box" aria-hidden="true">
      <span style={{ width: width * scale, height: height * scale }} />
    </span>
  );
}
